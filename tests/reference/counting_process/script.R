# A covariate that switches on with time: intervals by tmerge, Cox regression on them.
source("../write.R")
suppressMessages(library(survival))

bmt <- read.csv("../data/KMsurv_bmt.csv")
bmt$id <- seq_along(bmt$t1)
bmt$late <- ifelse(bmt$id %% 4 == 0, floor(bmt$t1 / 3), 0)
tight <- coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 60)

record <- function(case, data, formula) {
  fit <- coxph(formula, data, control = tight)
  note(case, "intervals", nrow(data)); note(case, "events", fit$nevent)
  for (name in names(coef(fit))) {
    note(case, paste("coefficient", name), coef(fit)[[name]])
    note(case, paste("error", name), sqrt(diag(fit$var))[names(coef(fit)) == name])
  }
}
base <- bmt[c("id", "z1", "t1", "d1")]
base$gvhd <- ifelse(bmt$da == 1, bmt$ta, NA); base$chronic <- ifelse(bmt$dc == 1, bmt$tc, NA)
found <- tmerge(base, base, id = id, death = event(t1, d1), tstop = t1)
alone <- tmerge(found, base, id = id, acute = tdc(gvhd))
whole <- tmerge(alone, base, id = id, chronic_on = tdc(chronic))
record("one", alone, Surv(tstart, tstop, death) ~ acute)
record("two and age", whole, Surv(tstart, tstop, death) ~ acute + chronic_on + z1)
# Every fourth patient came under observation late.
bmt$entered <- bmt$late
data <- bmt[c("id", "z1", "t1", "d1", "ta", "da", "entered")]
data$gvhd <- ifelse(data$da == 1, data$ta, NA)
late <- tmerge(data, data, id = id, death = event(t1, d1), tstart = entered, tstop = t1)
late <- tmerge(late, data, id = id, acute = tdc(gvhd))
record("late", late, Surv(tstart, tstop, death) ~ acute + z1)
write_rows("survival")
