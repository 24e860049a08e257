lib_libpid_a_SOURCES +=
