# Cox regressions: ties, strata, clusters, late entries, a separated covariate, and cox.zph.
suppressMessages(library(survival))
source("../write.R")

tight <- coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 50)

record <- function(case, fit, zph = FALSE) {
  errors <- sqrt(diag(vcov(fit)))
  for (index in seq_along(coef(fit))) {
    note(case, paste("coefficient", index), unname(coef(fit)[index]))
    note(case, paste("error", index), unname(errors[index]))
  }
  note(case, "null log-likelihood", fit$loglik[1])
  note(case, "log-likelihood", fit$loglik[2])
  note(case, "score", unname(fit$score))
  note(case, "Wald", unname(fit$wald.test))
  if (zph) {
    for (transform in list("km", "identity", log)) {
      name <- if (is.function(transform)) "log" else transform
      table <- cox.zph(fit, transform = transform)$table
      for (index in seq_len(nrow(table))) note(case, paste("zph", name, index), table[index, "chisq"])
    }
  }
}

veteran <- read.csv("../data/survival_veteran.csv")
veteran$celltype <- factor(veteran$celltype)
veteran$id <- seq_along(veteran$time)
veteran$late <- floor(veteran$time * ((veteran$id * 7) %% 10) / 10)
every <- Surv(time, status) ~ karno + age + celltype + prior
record("veteran", coxph(every, veteran, control = tight), zph = TRUE)
record("veteran: breslow", coxph(every, veteran, ties = "breslow", control = tight), zph = TRUE)
record("veteran: robust", coxph(every, veteran, cluster = id, control = tight))
record("veteran: clusters", coxph(Surv(time, status) ~ karno + age, veteran, cluster = prior + 12 * trt,
                                  control = tight))
record("veteran: strata", coxph(Surv(time, status) ~ karno + age + celltype + strata(trt), veteran,
                                control = tight), zph = TRUE)
record("veteran: late", coxph(Surv(late, time, status) ~ karno + age, veteran, control = tight), zph = TRUE)
record("veteran: late robust", coxph(Surv(late, time, status) ~ karno + age, veteran, cluster = id,
                                      control = tight))
lung <- read.csv("../data/survival_lung.csv")
record("lung: missing", coxph(Surv(time, status == 2) ~ age + sex + ph.ecog + wt.loss, lung, control = tight))
# Months: many ties in few days.
record("lung: months", coxph(Surv(ceiling(time / 30.4375), status == 2) ~ age + sex, lung, control = tight),
       zph = TRUE)
record("lung: months robust", coxph(Surv(ceiling(time / 30.4375), status == 2) ~ age + sex, lung,
                                     cluster = seq_along(time), control = tight))
write_rows("survival")
