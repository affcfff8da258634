# Nelson-Aalen cumulative hazards, of all events and of one cause, with ties and late entries.
suppressMessages(library(survival))
source("../write.R")
bmt <- read.csv("../data/KMsurv_bmt.csv")
lung <- read.csv("../data/survival_lung.csv")
cause <- ifelse(bmt$d2 == 1, 1, ifelse(bmt$d1 == 1, 2, 0))
late <- function(time) floor(time * ((seq_along(time) * 7) %% 10) / 10)
record <- function(case, fit) {
  for (i in which(fit$n.event > 0)) {
    note(case, "hazard", fit$cumhaz[i], fit$time[i])
    note(case, "error", fit$std.chaz[i], fit$time[i])
  }
}
record("bmt relapse", survfit(Surv(bmt$t2, cause == 1) ~ 1, ctype = 1))
record("bmt death", survfit(Surv(bmt$t2, cause == 2) ~ 1, ctype = 1))
record("bmt any", survfit(Surv(bmt$t2, cause > 0) ~ 1, ctype = 1))
record("bmt relapse late", survfit(Surv(late(bmt$t2), bmt$t2, cause == 1) ~ 1, ctype = 1))
record("lung in months", survfit(Surv(ceiling(lung$time / 30), lung$status == 2) ~ 1, ctype = 1))
write_rows("survival")
