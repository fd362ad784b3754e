"""Help inside the program: pages, a glossary, and a guided first analysis."""
