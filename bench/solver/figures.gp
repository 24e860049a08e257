# Time and error against size, and the gap against time, from out/:  gnuplot -e "out='bench/solver/out'" figures.gp
set datafile separator "\t"
set datafile missing "-"
set terminal svg size 900,480 background "white"
set style data linespoints
set logscale xy
set format y "10^{%T}"
set grid
set offsets graph 0.02, graph 0.02, 0, 0
set key outside right
names = "pidtools cvxopt trust-constr slsqp ipfp-published ipfp-long"
# one look for each program in all figures
do for [i = 1:words(names)] { set linetype i pt i lc rgb word("#7b1fa2 #00875a #1976d2 #c75000 #9e7700 #555555", i) }
look(name) = int(sum [i = 1:words(names)] (word(names, i) eq name ? i : 0))
width(name) = name eq "pidtools" ? 3 : 1
rows(part, name) = sprintf("< awk -F'\\t' '$1==\"%s\" && $3==\"%s\"' %s/results.tsv", part, name, out)
found(part, name) = int(system(sprintf("awk -F'\\t' '$1==\"%s\" && $3==\"%s\"' %s/results.tsv | wc -l", part, name, out))) > 0
drawn(part) = system(sprintf("for n in %s; do awk -F'\\t' -v n=$n '$1==\"%s\" && $3==n && $4!=\"-\" { print n; exit }' %s/results.tsv; done", names, part, out))
array titles[3] = ["dense, K x K x 10", "dense, 10 x 10 x M", "32 x 32 x 10 from N samples"]
do for [i = 1:3] {
    part = word("K M N", i)
    if (!found(part, "pidtools")) { continue }
    set xlabel part
    set output sprintf("%s/time-%s.svg", out, part)
    set title sprintf("%s: processor seconds of one solve, one thread", titles[i])
    set ylabel "seconds"
    plot for [name in drawn(part)] rows(part, name) using 2:4 lt look(name) lw width(name) title name
    set output sprintf("%s/error-%s.svg", out, part)
    set title sprintf("%s: how far from the optimum at most (certified)", titles[i])
    set ylabel "bits"
    plot [][1e-14:10] for [name in drawn(part)] rows(part, name) using 2:($9 > 1e-13 ? $9 : 1e-13) lt look(name) lw width(name) title name
}
traces = system(sprintf("cd %s && ls gap-*.tsv 2>/dev/null", out))
if (strlen(traces)) {
    set output sprintf("%s/gap.svg", out)
    set title "what is proved by when, large tables of samples"
    set xlabel "seconds"
    set ylabel "gap, bits"
    plot [][] for [name in traces] sprintf("%s/%s", out, name) using 1:2 title name[5:strlen(name) - 4]
}
