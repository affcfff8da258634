# Restricted mean survival time up to a day, of all patients, of groups and with late entries.
suppressMessages(library(survival))
source("../write.R")

record <- function(case, fit, until) {
  table <- summary(fit, rmean = until)$table
  table <- if (is.null(dim(table))) rbind(table) else table
  for (index in seq_len(nrow(table))) {
    note(case, paste("mean", index), table[index, "rmean"], until)
    note(case, paste("error", index), table[index, "se(rmean)"], until)
  }
}

bmt <- read.csv("../data/KMsurv_bmt.csv")
for (until in c(365, 1000)) {
  record("bmt", survfit(Surv(t2, d3) ~ 1, bmt), until)
  record("bmt: groups", survfit(Surv(t2, d3) ~ group, bmt), until)
}
bmt$late <- floor(bmt$t2 * ((seq_along(bmt$t2) * 7) %% 10) / 10)
record("bmt: late", survfit(Surv(late, t2, d3) ~ 1, bmt[bmt$late < bmt$t2, ]), 1000)
write_rows("survival")
