"""事前风险报备: a plan that no policy settles, shown to the organ before it is carried out."""
