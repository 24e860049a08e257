# Memory of the programs of growth over time, and in its legend how much passed through each:  gnuplot -e "figure='F.svg'" growth.gp in its folder.
set datafile separator "\t"
set terminal svg size 900,480 background "white"
set output figure
set title "memory of programs in pipes that do not end"
set xlabel "minutes"
set ylabel "own memory, MB"
set logscale y
set grid
set key outside right noenhanced
names = system("cut -f1 programs.tsv | grep -v again")
array colors[7] = ["#7b1fa2", "#00875a", "#1976d2", "#c75000", "#9e7700", "#555555", "#d81b60"]
rows(name) = sprintf("< awk -F'\\t' '$2==\"%s\"' memory.tsv", name)
title_of(name) = sprintf("%s, %s GB", name, system(sprintf("awk -F'\\t' '$1==\"%s\" { printf \"%%.1f\", $3 }' programs.tsv", name)))
plot [][0.1:100] for [i = 1:words(names)] rows(word(names, i)) every 4 using ($1 / 60):($3 / 1e6) with lines lw 2 lc rgb colors[i] title title_of(word(names, i))
