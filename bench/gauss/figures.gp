# Each atom against the number of clusters, a line for each number of rows, from out/results.tsv:
#     gnuplot -e "out='bench/gauss/out'" figures.gp
set datafile separator "\t"
set terminal svg size 1200,860 background "white" font ",11"
set output sprintf("%s/convergence.svg", out)
file = sprintf("%s/results.tsv", out)
sizes = system(sprintf("awk -F'\\t' 'NR > 1 && !seen[$2]++ { print $2 }' %s", file))
kinds = system(sprintf("awk -F'\\t' 'NR > 1 && !seen[$1]++ { print $1 }' %s", file))
atoms = "redundant unique:x1 unique:x2 synergy"
chosen(kind, atom, rows) = sprintf("< awk -F'\\t' '$1==\"%s\" && $4==\"%s\" && $2==%s && $3!=\"gauss\"' %s", kind, atom, rows, file)
exact(kind, atom) = real(system(sprintf("awk -F'\\t' '$1==\"%s\" && $4==\"%s\" { print $5; exit }' %s", kind, atom, file)))
set logscale x 2
set xtics (4, 8, 16, 32, 64)
set grid
set style data linespoints
set key font ",9" samplen 1.5
colours = "#9e9e9e #f0a030 #1976d2 #7b1fa2 #00875a #c75000"
do for [i = 1:words(colours)] { set linetype i pt 7 ps .5 lc rgb word(colours, i) }
set multiplot layout words(kinds),words(atoms) title "Clusters come to the Gaussian's exact answer (black) as rows and clusters grow; bits, corrected for few samples"
do for [kind in kinds] {
    do for [atom in atoms] {
        set title sprintf("%s: %s", kind, atom)
        truth = exact(kind, atom)
        set yrange [truth - .45 : truth + .2]
        set xrange [3.5 : 72]
        if (kind eq word(kinds, 1) && atom eq word(atoms, 1)) { set key bottom right } else { unset key }
        plot truth lc rgb "black" lw 1.5 notitle, for [rows in sizes] chosen(kind, atom, rows) using 3:7 title rows . " rows"
    }
}
unset multiplot
