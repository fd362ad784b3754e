"""What the methods paragraph refers to, in the style of the APA."""

from __future__ import annotations

REFERENCES = {
    "akaike": "Akaike, H. (1974). A new look at the statistical model identification. IEEE"
    " Transactions on Automatic Control, 19(6), 716–723. doi:10.1109/TAC.1974.1100705",
    "arthur": "Arthur, D., & Vassilvitskii, S. (2007). k-means++: The advantages of careful"
    " seeding. Proceedings of the Eighteenth Annual ACM-SIAM Symposium on Discrete Algorithms,"
    " 1027–1035.",
    "banfield": "Banfield, J. D., & Raftery, A. E. (1993). Model-based Gaussian and non-Gaussian"
    " clustering. Biometrics, 49(3), 803–821. doi:10.2307/2532201",
    "baudry": "Baudry, J.-P., Raftery, A. E., Celeux, G., Lo, K., & Gottardo, R. (2010). Combining"
    " mixture components for clustering. Journal of Computational and Graphical Statistics, 19(2),"
    " 332–353. doi:10.1198/jcgs.2010.08111",
    "biernacki": "Biernacki, C., Celeux, G., & Govaert, G. (2000). Assessing a mixture model for"
    " clustering with the integrated completed likelihood. IEEE Transactions on Pattern Analysis"
    " and Machine Intelligence, 22(7), 719–725. doi:10.1109/34.865189",
    "biernacki2003": "Biernacki, C., Celeux, G., & Govaert, G. (2003). Choosing starting values for"
    " the EM algorithm for getting the highest likelihood in multivariate Gaussian mixture models."
    " Computational Statistics & Data Analysis, 41(3–4), 561–575."
    " doi:10.1016/S0167-9473(02)00163-9",
    "box": "Box, G. E. P., & Cox, D. R. (1964). An analysis of transformations. Journal of the"
    " Royal Statistical Society, Series B, 26(2), 211–252.",
    "celeux": "Celeux, G., & Govaert, G. (1995). Gaussian parsimonious clustering models. Pattern"
    " Recognition, 28(5), 781–793. doi:10.1016/0031-3203(94)00125-6",
    "dempster": "Dempster, A. P., Laird, N. M., & Rubin, D. B. (1977). Maximum likelihood from"
    " incomplete data via the EM algorithm. Journal of the Royal Statistical Society, Series B,"
    " 39(1), 1–38. doi:10.1111/j.2517-6161.1977.tb01600.x",
    "fraley1998": "Fraley, C. (1998). Algorithms for model-based Gaussian hierarchical clustering."
    " SIAM Journal on Scientific Computing, 20(1), 270–281. doi:10.1137/S1064827596311451",
    "fraley2002": "Fraley, C., & Raftery, A. E. (2002). Model-based clustering, discriminant"
    " analysis, and density estimation. Journal of the American Statistical Association, 97(458),"
    " 611–631. doi:10.1198/016214502760047131",
    "fraley2007": "Fraley, C., & Raftery, A. E. (2007). Bayesian regularization for normal mixture"
    " estimation and model-based clustering. Journal of Classification, 24(2), 155–181."
    " doi:10.1007/s00357-007-0004-5",
    "gibson": "Gibson, W. A. (1959). Three multivariate models: Factor analysis, latent structure"
    " analysis, and latent profile analysis. Psychometrika, 24(3), 229–252."
    " doi:10.1007/BF02289845",
    "hennig": "Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational"
    " Statistics & Data Analysis, 52(1), 258–271. doi:10.1016/j.csda.2006.11.025",
    "kass": "Kass, R. E., & Raftery, A. E. (1995). Bayes factors. Journal of the American"
    " Statistical Association, 90(430), 773–795. doi:10.1080/01621459.1995.10476572",
    "schwarz": "Schwarz, G. (1978). Estimating the dimension of a model. The Annals of Statistics,"
    " 6(2), 461–464. doi:10.1214/aos/1176344136",
    "scrucca": "Scrucca, L., Fop, M., Murphy, T. B., & Raftery, A. E. (2016). mclust 5:"
    " Clustering, classification and density estimation using Gaussian finite mixture models. The R"
    " Journal, 8(1), 289–317. doi:10.32614/RJ-2016-021",
    "ueda": "Ueda, N., Nakano, R., Ghahramani, Z., & Hinton, G. E. (2000). SMEM algorithm for"
    " mixture models. Neural Computation, 12(9), 2109–2128. doi:10.1162/089976600300015088",
    "ward": "Ward, J. H. (1963). Hierarchical grouping to optimize an objective function. Journal"
    " of the American Statistical Association, 58(301), 236–244."
    " doi:10.1080/01621459.1963.10500845",
    "yeo": "Yeo, I.-K., & Johnson, R. A. (2000). A new family of power transformations to improve"
    " normality or symmetry. Biometrika, 87(4), 954–959. doi:10.1093/biomet/87.4.954",
}
