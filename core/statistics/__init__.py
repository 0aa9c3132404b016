"""What regularisation is in statistics: paths of estimates, priors, bias and variance."""
