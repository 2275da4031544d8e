#!/usr/bin/env Rscript
# From the tables of a run to a figure, in R: what standpoint.ipynb does in Python.
#
#   standpoint run
#   standpoint export standpoint-out --to jsonl --out export
#   Rscript reports/notebook/standpoint.R export figure.pdf
#
# Needs jsonlite alone. Where R's arrow is installed, open_dataset() reads the
# Parquet files of a run without an export.

suppressPackageStartupMessages(library(jsonlite))

arguments <- commandArgs(trailingOnly = TRUE)
if (!length(arguments) %in% 1:2) stop("usage: standpoint.R EXPORT [FIGURE.pdf]", call. = FALSE)
read <- function(name) {
  path <- file.path(arguments[1], paste0(name, ".jsonl"))
  if (!file.exists(path)) stop(path, ": no such table (standpoint export RUN --to jsonl --out FOLDER writes it)", call. = FALSE)
  stream_in(file(path), verbose = FALSE)
}
articles <- read("articles")
statements <- read("statements")
stances <- read("stances")

# ---- What is there. Rows of copies have duplicate set: leave them out, or they count twice.
counted <- stances[!stances$duplicate, ]
said <- counted[counted$label != "abstain", ]
if (!nrow(said)) stop(arguments[1], ": no stance is decided", call. = FALSE)
sides <- as.data.frame.matrix(table(counted$target, factor(counted$label, c("for", "against", "neither", "abstain"))))
sides$share_abstained <- round(sides$abstain / rowSums(sides), 2)
print(sides)

# ---- One speaker over time. Statements of one article resemble each other, so the interval is drawn over articles.
interval <- function(part, draws = 1000) {
  sums <- tapply(part$score, part$article_id, sum)
  counts <- tapply(part$score, part$article_id, length)
  out <- c(n = nrow(part), articles = length(sums), mean = mean(part$score), low = NA, high = NA)
  if (length(sums) > 1) {
    set.seed(1)
    drawn <- replicate(draws, {
      i <- sample.int(length(sums), replace = TRUE)
      sum(sums[i]) / sum(counts[i])
    })
    out[c("low", "high")] <- quantile(drawn, c(0.025, 0.975))
  }
  out
}

named <- said[!is.na(said$speaker_id), ]
pairs <- aggregate(article_id ~ speaker_name + target, named, function(ids) length(unique(ids)))
pairs <- pairs[order(-pairs$article_id, pairs$speaker_name, pairs$target), ]
who <- pairs$speaker_name[1]
target <- pairs$target[1]
theirs <- named[named$speaker_name == who & named$target == target, ]
dated <- theirs[!is.na(theirs$published), ]
figures <- c(n = 0, articles = 0, mean = 0, low = 0, high = 0)
over_time <- t(vapply(split(dated, substr(dated$published, 1, 7)), interval, figures))
cat("\n", who, " on ", target, "\n", sep = "")
print(round(over_time, 2))

if (length(arguments) == 2 && nrow(over_time)) {
  pdf(arguments[2], width = 6, height = 3.5)
  x <- seq_len(nrow(over_time))
  plot(x, over_time[, "mean"], ylim = c(-1, 1), pch = 19, xaxt = "n", xlab = "", ylab = "against ... for", main = paste(who, "on", target))
  axis(1, x, rownames(over_time))
  abline(h = 0, col = "grey")
  drawn <- !is.na(over_time[, "low"])
  segments(x[drawn], over_time[drawn, "low"], x[drawn], over_time[drawn, "high"])
  invisible(dev.off())
}

# ---- Two outlets compared: whom they quote on which side, not what they hold.
published <- said[said$publisher != "", ]
by_outlet <- tapply(published$article_id, published$publisher, function(ids) length(unique(ids)))
outlets <- head(names(by_outlet)[order(-by_outlet, names(by_outlet))], 2)
cat("\nOutlets on ", target, "\n", sep = "")
print(round(t(vapply(outlets, function(o) interval(published[published$publisher == o & published$target == target, ]), figures)), 2))

# ---- A statement traced to its article. Spans count code points from 0, as substring() does from 1.
cut <- function(text, start, end) substring(text, start + 1, end)
cut_bytes <- function(text, start, end) {
  Encoding(text) <- "bytes"
  words <- substring(text, start + 1, end)
  Encoding(words) <- "UTF-8"
  words
}
stance <- theirs[which.max(theirs$confidence), ]
statement <- statements[match(stance$statement_id, statements$id), ]
article <- articles[match(stance$article_id, articles$id), ]
cat("\n", article$title, ", ", article$publisher, "\n", sep = "")
for (part in c("source", "cue", "content")) {
  words <- cut(article$text, statement[[paste0(part, "_starts")]][[1]], statement[[paste0(part, "_ends")]][[1]])
  cat(sprintf("%-8s %s\n", part, words), sep = "")
}
cat(sprintf("%s %s %+.2f because of %s\n", stance$target, stance$label, stance$score, cut(article$text, stance$evidence_start, stance$evidence_end)))

# ---- Every span of the run cuts the same words by code points and by bytes.
spans <- 0
for (part in c("source", "cue", "content")) {
  column <- function(end) unlist(statements[[paste0(part, end)]])
  text <- rep(articles$text[match(statements$article_id, articles$id)], lengths(statements[[paste0(part, "_starts")]]))
  words <- cut(text, column("_starts"), column("_ends"))
  stopifnot(words == cut_bytes(text, column("_byte_starts"), column("_byte_ends")))
  spans <- spans + length(words)
}
text <- articles$text[match(stances$article_id, articles$id)]
stopifnot(cut(text, stances$evidence_start, stances$evidence_end) == stances$evidence_text)
stopifnot(cut(text, stances$mention_start, stances$mention_end) == stances$mention_text)
cat("\n", spans + 2 * nrow(stances), " spans cut the same words by code points and by bytes\n", sep = "")
