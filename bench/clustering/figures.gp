# Seconds of each program by number of clusters, from out/results.tsv:  gnuplot -e "out='bench/clustering/out'" figures.gp
set datafile separator "\t"
set terminal svg size 800,400 background "white"
set style data linespoints
set logscale xy
set xlabel "clusters"
set ylabel "seconds (median)"
set key left top
do for [part in "lloyd default"] {
    do for [kind in "mixture noise"] {
        set output sprintf("%s/%s-%s.svg", out, part, kind)
        set title sprintf("%s, %s", part, kind)
        plot for [name in "pidtools scikit-learn faiss"] \
            sprintf("< awk -F'\\t' '$1==\"%s\" && $2==\"%s\" && $4==\"%s\"' %s/results.tsv", part, kind, name, out) using 3:5 title name
    }
}
