# prom.awk: a strict reader of Prometheus' text format. Says what is wrong, line by line; nothing where all is well.
# Stricter than the format: each name has HELP, then TYPE, then its samples in one row; gauges only; no times, no spare blanks.
function wrong(why) { print FILENAME ":" FNR ": " why ": " $0 }
BEGIN { NAME = "[a-z_][a-z0-9_]*"; VALUE = "-?[0-9]+(\\.[0-9]+)?"; TEXT = "\"([^\"\\\\]|\\\\[\"\\\\n])*\"" }
/^# HELP / {
    if ($3 !~ "^" NAME "$" || NF < 4) wrong("HELP without a name or words")
    if ($3 in helped) wrong("second HELP")
    if (current != "" && !samples[current]) wrong("no sample of the name before")
    helped[$3] = 1; current = $3; typed = 0
    next
}
/^# TYPE / {
    if ($3 != current) wrong("TYPE of another name than HELP")
    if ($4 != "gauge" || NF != 4) wrong("no gauge")
    if ($3 ~ /_(total|count|sum|bucket)$/) wrong("a gauge with the ending of another type")
    typed = 1
    next
}
{
    if ($0 !~ "^" NAME "\\{" NAME "=" TEXT "(," NAME "=" TEXT ")*\\} " VALUE "$") { wrong("no sample"); next }
    name = $0; sub(/\{.*/, "", name)
    if (name != current || !typed) wrong("not behind its own HELP and TYPE")
    series = $0; sub(/ [^ ]*$/, "", series)
    if (series in seen) wrong("the same series twice")
    seen[series] = 1; samples[name]++
}
END { if (current == "" || !samples[current]) print FILENAME ": ends without a sample" }
