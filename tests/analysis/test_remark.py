"""What may help about a finding."""

from __future__ import annotations

from gmmdesk.analysis.offers import go_back
from gmmdesk.analysis.remark import Grade, Remark
from gmmdesk.analysis.remedies import use_prior


def test_what_is_offered_may_help_as_remedies_do():
    remark = Remark("A question?", Grade.IN_DOUBT, "A doubt.", (use_prior(),), offer=go_back())
    assert remark.may_help == ("Go back", "Use a prior")
    assert Remark("A question?", Grade.IN_ORDER, "None.").may_help == ()
