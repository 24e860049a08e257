dist_man_MANS += man/pid-tools.7
