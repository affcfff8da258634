# Groups of studies pooled apart, and the test between their means.
source("../write.R")
suppressPackageStartupMessages(library(metafor))

studies <- read.csv("../data/meta_two_groups.csv")
tight <- list(threshold = 1e-14, maxiter = 1000)
d <- studies[studies$set == "bcg", ]
d$band <- ifelse(d$latitude < 25, "south", ifelse(d$latitude < 43, "middle", "north"))

for (measure in c("RR", "OR", "RD")) {
  es <- escalc(measure, ai = events, n1i = n, ci = reference_events, n2i = reference_n, data = d)
  fits <- lapply(unique(es$band), function(one) {
    rma(yi, vi, data = es, subset = (band == one), method = "REML", test = "z",
        control = tight)
  })
  names(fits) <- unique(es$band)
  for (band in names(fits)) {
    note(paste(measure, band), "value", fits[[band]]$b[1])
    note(paste(measure, band), "error", fits[[band]]$se)
    note(paste(measure, band), "tau2", fits[[band]]$tau2)
    note(paste(measure, band), "studies", fits[[band]]$k)
  }
  means <- sapply(fits, function(fit) fit$b[1])
  errors <- sapply(fits, function(fit) fit$se)
  between <- rma(means, sei = errors, mods = ~ factor(names(fits)), method = "FE")
  note(paste(measure, "between"), "q", between$QM)
  note(paste(measure, "between"), "degrees", between$p - 1)
  note(paste(measure, "between"), "p", between$QMp)
}

write_rows("metafor")
