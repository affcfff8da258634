# Questions of the shipped studies, pooled again from the counts of the studies that answer them.
source("../write.R")
suppressPackageStartupMessages({library(metafor); library(lme4)})

counts <- read.csv("../data/evidence_answers.csv")
tight <- list(threshold = 1e-14, maxiter = 1000)
of <- function(question) counts[counts$question == question, ]

tell <- function(case, res, show) {
  found <- predict(res)
  note(case, "value", show(found$pred))
  note(case, "low", show(found$ci.lb))
  note(case, "high", show(found$ci.ub))
  note(case, "tau2", res$tau2)
  note(case, "i2", res$I2)
  ends <- confint(res)$random["tau^2", c("ci.lb", "ci.ub")]
  note(case, "tau2 low", ends[1])
  note(case, "tau2 high", ends[2])
}

for (question in c("chronic_gvhd", "acute_gvhd")) {
  d <- of(question)
  es <- escalc("PLO", xi = events, ni = n, data = d)
  for (test in c("knha", "z")) {
    tell(paste(question, test), rma(yi, vi, data = es, method = "REML", test = test,
                                    control = tight), transf.ilogit)
  }
}

d <- of("relapse_with_and_without")
es <- escalc("RR", ai = events, n1i = n, ci = reference_events, n2i = reference_n, data = d)
tell("relapse_with_and_without knha",
     rma(yi, vi, data = es, method = "REML", test = "knha", control = tight), exp)

# One study: its risk ratio with the interval of Katz.
d <- of("chronic_gvhd_with_and_without")
es <- summary(escalc("RR", ai = events, n1i = n, ci = reference_events, n2i = reference_n, data = d))
note("chronic_gvhd_with_and_without", "value", exp(es$yi))
note("chronic_gvhd_with_and_without", "low", exp(es$ci.lb))
note("chronic_gvhd_with_and_without", "high", exp(es$ci.ub))

# Two of four studies have full cells: the counts themselves, binomial with random log odds.
d <- of("complete_response")
fit <- glmer(cbind(events, n - events) ~ 1 + (1 | study), data = d, family = binomial, nAGQ = 25,
             control = glmerControl(optimizer = "bobyqa", tolPwrss = 1e-12,
                                    optCtrl = list(rhoend = 1e-10)))
note("complete_response", "value", plogis(fixef(fit)[[1]]))
note("complete_response", "tau2", VarCorr(fit)$study[1])

write_rows(c("metafor", "lme4"))
