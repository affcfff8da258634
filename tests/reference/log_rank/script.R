# Log-rank tests over two and more groups, with ties.
suppressMessages(library(survival))
source("../write.R")

record <- function(case, time, status, group) {
  test <- survdiff(Surv(time, status) ~ group)
  freedom <- length(test$n) - 1
  note(case, "statistic", test$chisq)
  note(case, "degrees_of_freedom", freedom)
  note(case, "p_value", pchisq(test$chisq, freedom, lower.tail = FALSE))
  for (index in seq_along(test$n)) {
    note(case, paste("observed", index), unname(test$obs[index]))
    note(case, paste("expected", index), unname(test$exp[index]))
  }
}

bmt <- read.csv("../data/KMsurv_bmt.csv")
lung <- read.csv("../data/survival_lung.csv")
veteran <- read.csv("../data/survival_veteran.csv")
record("bmt by group", bmt$t2, bmt$d3, bmt$group)
record("lung by sex", lung$time, lung$status == 2, lung$sex)
record("veteran by celltype", veteran$time, veteran$status, veteran$celltype)
record("veteran by treatment", veteran$time, veteran$status, veteran$trt)
# Few days and many ties.
record("bmt by group in years", ceiling(bmt$t2 / 365.25), bmt$d3, bmt$group)
write_rows("survival")
