# Median, quartiles and range.
source("../write.R")
lung <- read.csv("../data/survival_lung.csv")
veteran <- read.csv("../data/survival_veteran.csv")
columns <- list(meal.cal = lung$meal.cal, wt.loss = lung$wt.loss, age = veteran$age, diagtime = veteran$diagtime)
for (name in names(columns)) {
  x <- columns[[name]][!is.na(columns[[name]])]
  note(name, "n", length(x))
  note(name, "median", median(x))
  note(name, "lower_quartile", unname(quantile(x, 0.25)))
  note(name, "upper_quartile", unname(quantile(x, 0.75)))
  note(name, "minimum", min(x))
  note(name, "maximum", max(x))
}
write_rows()
