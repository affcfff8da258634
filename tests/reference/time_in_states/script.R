# Mean times in states up to a day: areas under the probabilities and influences of survfit.
suppressMessages(library(survival))
source("../write.R")

bmt <- read.csv("../data/KMsurv_bmt.csv")
# After transplant; platelets recovered; relapse; death without relapse.
end <- ifelse(bmt$d2 == 1, "relapse", ifelse(bmt$d1 == 1, "death", "censor"))
recovered <- bmt$dp == 1 & bmt$tp < bmt$t2
first <- data.frame(id = seq_len(nrow(bmt)), group = bmt$group, start = 0,
                    stop = ifelse(recovered, bmt$tp, bmt$t2),
                    into = ifelse(recovered, "recovered", end), state = "transplanted")
second <- data.frame(id = seq_len(nrow(bmt)), group = bmt$group, start = bmt$tp, stop = bmt$t2,
                     into = end, state = "recovered")[recovered, ]
stays <- rbind(first, second)
stays <- stays[order(stays$id, stays$start), ]
stays <- stays[stays$start < stays$stop, ]

record <- function(case, rows, until) {
  rows$event <- factor(rows$into, levels = c("censor", "recovered", "relapse", "death"))
  fit <- survfit(Surv(start, stop, event) ~ 1, data = rows, id = id, istate = state, influence = TRUE)
  # Areas under the probabilities, and under what each patient adds to them.
  keep <- fit$time < until
  width <- diff(c(0, fit$time[keep], until))
  for (k in seq_along(fit$states)) {
    value <- sum(width * c(fit$p0[k], fit$pstate[keep, k]))
    added <- fit$influence.pstate[, c(TRUE, keep), k] %*% width
    note(case, paste("value", fit$states[k]), value, until)
    note(case, paste("error", fit$states[k]), sqrt(sum(added^2)), until)
  }
}
for (until in c(50, 365, 730)) record("all", stays, until)
for (one in 1:3) record(paste("group", one), stays[stays$group == one, ], 365)
write_rows("survival")
