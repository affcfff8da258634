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

# Strata: observed and expected events are tables of groups by strata.
record_strata <- function(case, time, status, group, stratum) {
  test <- survdiff(Surv(time, status) ~ group + strata(stratum))
  freedom <- length(unique(group)) - 1
  note(case, "statistic", test$chisq)
  note(case, "degrees_of_freedom", freedom)
  note(case, "p_value", pchisq(test$chisq, freedom, lower.tail = FALSE))
  for (index in seq_len(freedom + 1)) {
    note(case, paste("observed", index), sum(test$obs[index, ]))
    note(case, paste("expected", index), sum(test$exp[index, ]))
  }
}

# Delayed entry, which survdiff does not know. The score test of a Cox model with the exact
# likelihood of ties is the log-rank test; the expected events are those of the model without groups.
record_late <- function(case, entry, time, status, group) {
  fit <- coxph(Surv(entry, time, status) ~ factor(group), ties = "exact")
  freedom <- length(unique(group)) - 1
  note(case, "statistic", unname(fit$score))
  note(case, "degrees_of_freedom", freedom)
  note(case, "p_value", pchisq(unname(fit$score), freedom, lower.tail = FALSE))
  null <- coxph(Surv(entry, time, status) ~ 1, ties = "breslow")
  left <- residuals(null, type = "martingale")
  for (index in seq_len(freedom + 1)) {
    chosen <- group == sort(unique(group))[index]
    note(case, paste("observed", index), sum(status[chosen]))
    note(case, paste("expected", index), sum(status[chosen] - left[chosen]))
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
record_strata("strata: veteran by treatment", veteran$time, veteran$status, veteran$trt, veteran$celltype)
record_strata("strata: bmt by group", bmt$t2, bmt$d3, bmt$group, bmt$z10)
record_strata("strata: lung by sex", lung$time[!is.na(lung$ph.ecog)], lung$status[!is.na(lung$ph.ecog)] == 2,
              lung$sex[!is.na(lung$ph.ecog)], lung$ph.ecog[!is.na(lung$ph.ecog)])
# Entries are made up, the times are real; a tenth or so are there from the beginning.
late <- function(time) floor(time * ((seq_along(time) * 7) %% 10) / 10)
record_late("late: bmt by group", late(bmt$t2), bmt$t2, bmt$d3, bmt$group)
record_late("late: lung by sex", late(lung$time), lung$time, lung$status == 2, lung$sex)
# Nobody late: both tests are the same.
record_late("nobody late: bmt by group", 0 * bmt$t2, bmt$t2, bmt$d3, bmt$group)
# Ties, and an entry on the day of an event.
record_late("late: twelve patients", c(0, 0, 0, 2, 2, 3, 3, 3, 5, 5, 6, 6), c(3, 3, 5, 3, 5, 5, 6, 6, 6, 8, 8, 9),
            c(1, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1, 1), c(1, 2, 1, 2, 2, 1, 1, 2, 1, 2, 1, 2))
write_rows("survival")
