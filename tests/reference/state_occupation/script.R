# Probabilities of several states with the infinitesimal jackknife of survfit.
suppressMessages(library(survival))
source("../write.R")

bmt <- read.csv("../data/KMsurv_bmt.csv")
# After transplant; platelets recovered; relapse; death without relapse.
end <- ifelse(bmt$d2 == 1, "relapse", ifelse(bmt$d1 == 1, "death", "censor"))
recovered <- bmt$dp == 1 & bmt$tp < bmt$t2
first <- data.frame(id = seq_len(nrow(bmt)), start = 0, stop = ifelse(recovered, bmt$tp, bmt$t2),
                    into = ifelse(recovered, "recovered", end), state = "transplanted")
second <- data.frame(id = seq_len(nrow(bmt)), start = bmt$tp, stop = bmt$t2, into = end,
                     state = "recovered")[recovered, ]
stays <- rbind(first, second)
stays <- stays[order(stays$id, stays$start), ]
stays <- stays[stays$start < stays$stop, ]
# Some are seen in part only, and enter late: those of the first group, from day 20 on.
late <- stays
early <- bmt$group[late$id] == 1
late$start <- ifelse(early, pmax(late$start, 20), late$start)
late <- late[late$start < late$stop, ]

record <- function(case, rows, days, ...) {
  rows$event <- factor(rows$into, levels = c("censor", "recovered", "relapse", "death"))
  fit <- survfit(Surv(start, stop, event) ~ 1, data = rows, id = id, istate = state, ...)
  found <- summary(fit, times = days)
  for (k in seq_along(fit$states)) for (i in seq_along(days)) {
    note(case, paste("probability", fit$states[k]), found$pstate[i, k], days[i])
    note(case, paste("error", fit$states[k]), found$std.err[i, k], days[i])
  }
}
days <- c(10, 15, 20, 35, 60, 100, 110, 200, 350, 700, 1500)
record("all states", stays, days)
record("late entries", late, days)
# Transition probabilities: those in one state on a day, all that happens to them from then on.
record("from recovered on day 50", stays, days[days > 50], start.time = 50, p0 = c(0, 1, 0, 0))
record("from transplanted on day 15", stays, days[days > 15], start.time = 15.5, p0 = c(1, 0, 0, 0))
# Few days, many ties.
tens <- stays; tens$start <- 10 * ceiling(tens$start / 10); tens$stop <- 10 * ceiling(tens$stop / 10)
tens <- tens[tens$start < tens$stop, ]
record("tens of days", tens, c(10, 20, 35, 60, 120, 300))

# A log interval of one probability: its low and high end.
fit <- survfit(Surv(start, stop, factor(into, levels = c("censor", "recovered", "relapse", "death"))) ~ 1,
               data = stays, id = id, istate = state, conf.type = "log")
found <- summary(fit, times = 100)
for (k in seq_along(fit$states)) {
  note("log interval", paste("low", fit$states[k]), found$lower[1, k], 100)
  note("log interval", paste("high", fit$states[k]), found$upper[1, k], 100)
}
write_rows("survival")
