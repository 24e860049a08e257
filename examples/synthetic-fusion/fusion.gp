# Errors of the parts over the grid:  gnuplot -e "grid='out/grid.tsv'; out='out/fusion.svg'" fusion.gp
set terminal svg size 1000,640 background "white" font "sans,12"
set output out
set datafile separator "\t"
set datafile missing "."
set multiplot layout 2,3 title "Estimated minus true, in bits (redundant .714, unique .531 and .278, synergy .714)"
set key outside below horizontal samplen 2
set grid ytics lc rgb "#dddddd"
set style data linespoints
set pointsize 0.6
parts = "redundant unique:x1 unique:x2 synergy"
colours = "#0072b2 #d55e00 #cc79a7 #009e73"
rows(noise, dim, k) = sprintf("< awk -F'\\t' 'NR==1 || ($3==\"%s\" && $2==\"%s\" && $4==\"%s\")' %s", noise, dim, k, grid)
noises(n, dim, k) = sprintf("< awk -F'\\t' 'NR==1 || ($1==\"%s\" && $2==\"%s\" && $4==\"%s\")' %s", n, dim, k, grid)
set logscale x
set format x "%g"
do for [k in "8 16 32"] {
    set title sprintf("k = %s, d = 16, noise 0.25", k)
    set xlabel "rows"
    set xtics ("500" 500, "2,000" 2000, "8,000" 8000, "32,000" 32000)
    set yrange [-0.2:1.2]
    plot for [i = 1:4] rows("0.25", "16", k) using (column("rows")):(column(word(parts, i)) - column(word(parts, i).":true")) \
        title word(parts, i) lc rgb word(colours, i) pt 7
}
do for [d in "4 16 64"] {
    set title sprintf("d = %s, k = 8, 32,000 rows", d)
    set xlabel "noise"
    set xtics ("0.25" 0.25, "0.5" 0.5, "1" 1, "2" 2)
    set yrange [-0.8:0.2]
    plot for [i = 1:4] noises("32000", d, "8") using (column("noise")):(column(word(parts, i)) - column(word(parts, i).":true")) \
        title word(parts, i) lc rgb word(colours, i) pt 7
}
unset multiplot
