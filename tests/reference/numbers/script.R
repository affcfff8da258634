# Numbers of two and more groups: normality, t tests, analyses of variance, rank tests, shifts.
source("../write.R")

veteran <- read.csv("../data/survival_veteran.csv")
lung <- read.csv("../data/survival_lung.csv")
bmt <- read.csv("../data/KMsurv_bmt.csv")
cases <- list(
  "veteran age by treatment" = list(veteran$age, veteran$trt),
  "veteran log time by treatment" = list(log(veteran$time), veteran$trt),
  "veteran age by celltype" = list(veteran$age, veteran$celltype),
  "lung weight loss by sex" = list(lung$wt.loss, lung$sex),
  "lung age by ECOG" = list(lung$age, lung$ph.ecog),
  "bmt age by group" = list(bmt$z1, bmt$group)
)

for (case in names(cases)) {
  y <- cases[[case]][[1]]; g <- as.character(cases[[case]][[2]])
  keep <- !is.na(y) & !is.na(g); y <- y[keep]; g <- g[keep]
  # ECOG 3 is one patient: no variance, and no test of normality.
  if (case == "lung age by ECOG") { y <- y[g != "3"]; g <- g[g != "3"] }
  levels <- sort(unique(g))
  for (i in seq_along(levels)) {
    found <- shapiro.test(y[g == levels[i]])
    note(case, paste("W", i), unname(found$statistic)); note(case, paste("W P", i), found$p.value)
  }
  if (length(levels) == 2) {
    other <- y[g == levels[1]]; one <- y[g == levels[2]]
    for (equal in c(TRUE, FALSE)) {
      found <- t.test(one, other, var.equal = equal, conf.level = 0.95)
      name <- if (equal) "equal" else "unequal"
      note(case, paste(name, "statistic"), unname(found$statistic))
      note(case, paste(name, "degrees"), unname(found$parameter))
      note(case, paste(name, "p_value"), found$p.value)
      note(case, paste(name, "value"), mean(one) - mean(other))
      note(case, paste(name, "low"), found$conf.int[1]); note(case, paste(name, "high"), found$conf.int[2])
    }
    found <- suppressWarnings(wilcox.test(one, other, exact = FALSE, correct = TRUE))
    note(case, "ranks statistic", unname(found$statistic)); note(case, "ranks p_value", found$p.value)
    note(case, "ranks value", median(outer(one, other, "-")))
  } else {
    for (equal in c(TRUE, FALSE)) {
      found <- oneway.test(y ~ g, var.equal = equal)
      name <- if (equal) "equal" else "unequal"
      note(case, paste(name, "statistic"), unname(found$statistic))
      note(case, paste(name, "degrees"), unname(found$parameter[1]))
      note(case, paste(name, "rest_degrees"), unname(found$parameter[2]))
      note(case, paste(name, "p_value"), found$p.value)
    }
    # Differences from the first group with the variance of all: coefficients of a linear model.
    fit <- lm(y ~ factor(g)); limits <- confint(fit)
    for (i in seq_along(levels)[-1]) {
      note(case, paste("equal value", i), unname(coef(fit)[i]))
      note(case, paste("equal low", i), limits[i, 1]); note(case, paste("equal high", i), limits[i, 2])
    }
    found <- kruskal.test(y, factor(g))
    note(case, "ranks statistic", unname(found$statistic)); note(case, "ranks degrees", unname(found$parameter))
    note(case, "ranks p_value", found$p.value)
  }
}

# Small groups without ties: exact P and exact interval.
small <- list(
  "small 8 and 7" = list(c(0.11, 2.4, 3.7, 1.9, 5.2, 4.4, 0.8, 3.1), c(4.9, 6.3, 2.2, 7.7, 5.8, 8.1, 3.9)),
  "small 4 and 4" = list(c(1.1, 2.2, 3.3, 9.7), c(4.1, 5.6, 6.2, 8.8)),
  "small 3 and 3" = list(c(1.3, 2.2, 7.9), c(4.1, 5.6, 6.2)),
  "small 2 and 4" = list(c(1.3, 2.2), c(4.1, 5.7, 6.2, 0.4)),
  "small 25 and 30" = list(((1:25) * 37 %% 101) / 7, ((1:30) * 53 %% 89) / 5 + 2)
)
for (case in names(small)) {
  one <- small[[case]][[1]]; other <- small[[case]][[2]]
  # Of groups too small for 95 % R gives all differences, and says which level they reach.
  found <- suppressWarnings(wilcox.test(one, other, exact = TRUE, conf.int = TRUE))
  for (i in seq_along(one)) note(case, "one", one[i])
  for (i in seq_along(other)) note(case, "other", other[i])
  note(case, "statistic", unname(found$statistic)); note(case, "p_value", found$p.value)
  note(case, "value", unname(found$estimate))
  note(case, "low", found$conf.int[1]); note(case, "high", found$conf.int[2])
  note(case, "level", attr(found$conf.int, "conf.level"))
}

# Ties: all ways in which mid-ranks can fall to the first group, one by one.
tied <- list(
  "tied 6 and 7" = list(c(1, 1, 2, 3, 3, 5), c(2, 3, 3, 4, 5, 5, 5)),
  "tied 9 and 4" = list(c(0, 0, 0, 0, 1, 1, 2, 2, 3), c(1, 3, 3, 3))
)
for (case in names(tied)) {
  one <- tied[[case]][[1]]; other <- tied[[case]][[2]]
  ranks <- rank(c(one, other)); n <- length(one)
  sums <- combn(length(ranks), n, function(chosen) sum(ranks[chosen]))
  middle <- n * (length(ranks) + 1) / 2; seen <- sum(ranks[seq_len(n)])
  for (i in seq_along(one)) note(case, "one", one[i])
  for (i in seq_along(other)) note(case, "other", other[i])
  note(case, "statistic", seen - n * (n + 1) / 2)
  note(case, "p_value", mean(abs(sums - middle) >= abs(seen - middle) - 1e-9))
  note(case, "value", median(outer(one, other, "-")))
}
write_rows()
