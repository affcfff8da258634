# Courses of three groups by mixed models: lme4 for effects, lmerTest for tests of terms together,
# natural cubic splines of R's own package splines for the day.
source("../write.R")
suppressMessages(library(lmerTest))
library(splines)

# Made up: counts of 15 patients, measured on 7 planned days, some missing; and on days of their own.
make <- function(days) {
  long <- do.call(rbind, lapply(1:15, function(who) data.frame(patient = who, day = days(who))))
  long$arm <- c("high", "low", "none")[long$patient %% 3 + 1]
  own <- sin(3 * long$patient)
  long$baseline <- exp(3 + 0.8 * own + 0.3 * cos(5 * long$patient))
  rise <- 0.4 * (long$arm == "high") + 0.01 * long$day * (long$arm == "low")
  long$y <- exp(3 + own + rise + 0.8 * sin(long$day / 15) + 0.3 * sin(11 * long$patient + 2.3 * long$day))
  long
}
planned <- make(function(who) c(3, 7, 14, 21, 28, 42, 56))
planned <- planned[(planned$patient * 3 + planned$day) %% 5 != 0, ]
free <- make(function(who) unique(round((1:9) * (5 + who / 4))))
for (set in c("planned", "free")) for (name in c("patient", "day", "baseline", "y"))
  for (value in get(set)[[name]]) note(paste("given", set), name, value)

tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10))
compare <- function(case, data, y, day, before) {
  data$arm <- relevel(factor(data$arm), "none"); data$value <- y(data$y)
  terms <- c(day, if (before) "before", "arm")
  data$before <- y(data$baseline)
  data$away <- data$day - mean(data$day)
  fit <- lmer(reformulate(c(terms, "(1 | patient)"), "value"), data, control = tight)
  found <- summary(fit)$coefficients
  for (arm in c("high", "low")) {
    row <- found[paste0("arm", arm), ]
    note(case, paste("coefficient", arm), row[["Estimate"]])
    note(case, paste("error", arm), row[["Std. Error"]])
    note(case, paste("degrees", arm), row[["df"]])
  }
  write <- function(what, fit, term) {
    row <- anova(fit)[term, ]
    note(case, paste(what, "statistic"), row[["F value"]])
    note(case, paste(what, "denominator"), row$DenDF)
    note(case, paste(what, "p_value"), row[["Pr(>F)"]])
  }
  write("test", fit, "arm")
  # Two columns for the parting of two arms from the reference, tested together.
  part <- lmer(reformulate(c(terms, "I((arm == 'high') * away)", "I((arm == 'low') * away)",
    "(1 | patient)"), "value"), data, control = tight)
  last <- length(fixef(part)); l <- diag(last)[(last - 1):last, ]
  row <- contest(part, l)
  note(case, "parallel statistic", row[["F value"]])
  note(case, "parallel denominator", row$DenDF)
  note(case, "parallel p_value", row[["Pr(>F)"]])
}
knots <- quantile(free$day, c(0.05, 0.275, 0.5, 0.725, 0.95))
spline <- "ns(day, knots = knots[2:4], Boundary.knots = knots[c(1, 5)])"
compare("planned", planned, log, "factor(day)", FALSE)
compare("planned before", planned, log, "factor(day)", TRUE)
compare("planned values", planned, identity, "factor(day)", TRUE)
compare("free", free, log, spline, TRUE)
write_rows(c("lme4", "lmerTest"))
