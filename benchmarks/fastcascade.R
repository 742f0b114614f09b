# Closes firms one by one in fastcascade, for benchmarks/rpeers.py:  Rscript fastcascade.R FOLDER EPS
#
# Reads from FOLDER: links.csv (supplier, buyer, value), industries.csv (industry, of firm 1, 2, ...),
# essential.csv (a row a product, a column a buying industry: 2 essential, 1 not, 0 negligible) and closed.csv
# (firm). Writes esri.csv (esri, downstream, upstream, rounds; a row a closed firm) and seconds.csv (closed,
# seconds of the processor; of a call with two firms and of one with all).
#
# The arguments are those of GL_cascade in version 0.9.3.1, as its authors' tutorial calls it: the column of
# psi_mat is a scenario and holds the share of its output that a firm loses; conv_type 1 stops once no output
# falls by more than eps; p_market says who replaces lost output; ncores = FALSE stays in this process.

for (package in c("Matrix", "GLcascade", "fastcascade")) {
  if (!requireNamespace(package, quietly = TRUE)) {
    message(package, " is not installed")
    quit(status = 3)
  }
}
suppressPackageStartupMessages({
  library(Matrix)
  library(GLcascade)
  library(fastcascade)
})

given <- commandArgs(trailingOnly = TRUE)
folder <- given[1]
eps <- as.numeric(given[2])
table_of <- function(name) read.csv(file.path(folder, name))

links <- table_of("links.csv")
# Names of one length: their order is that of the numbers in every language.
industry <- sprintf("%05d", table_of("industries.csv")$industry)
essential <- as.matrix(table_of("essential.csv"))
dimnames(essential) <- rep(list(sprintf("%05d", seq_len(nrow(essential)))), 2)
# It must hold the industries that there are, and no other.
present <- sort(unique(industry))
essential <- essential[present, present, drop = FALSE]
closed <- table_of("closed.csv")$firm
firms <- length(industry)
sales <- sparseMatrix(i = links$supplier, j = links$buyer, x = links$value, dims = c(firms, firms))

close_firms <- function(some) {
  shocks <- sparseMatrix(i = some, j = seq_along(some), x = 1, dims = c(firms, length(some)))
  start <- proc.time()
  found <- GL_cascade(
    W = sales, p = industry, p_market = industry, p_sec_impacts = FALSE, ess_mat_sec = essential,
    h_weights = cbind(rowSums(sales)), sec_aggr_weights = FALSE, psi_mat = shocks,
    revenue = FALSE, costs = FALSE, track_h = FALSE, track_sector_impacts = FALSE, track_conv = TRUE,
    conv_type = 1, eps = eps, use_rcpp = TRUE, ncores = FALSE, run_id = "chainnet", load_balance = FALSE
  )
  took <- proc.time() - start
  list(found = found, seconds = took[["user.self"]] + took[["sys.self"]])
}

few <- close_firms(closed[1:2])
all <- close_firms(closed)
write.csv(
  data.frame(closed = c(2, length(closed)), seconds = c(few$seconds, all$seconds)),
  file.path(folder, "seconds.csv"), row.names = FALSE
)
esri <- all$found$ESRI
write.csv(
  format(data.frame(
    esri = as.numeric(esri[, "ESRI_weight_1"]), downstream = as.numeric(esri[, "ESRI_d_weight_1"]),
    upstream = as.numeric(esri[, "ESRI_u_weight_1"]), rounds = as.numeric(all$found$ESRI_conv[, 3])
  ), digits = 17),
  file.path(folder, "esri.csv"), row.names = FALSE, quote = FALSE
)
