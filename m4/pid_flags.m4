dnl Compiler flags that this compiler knows: warnings, hardening, sanitizers.
dnl No -ffast-math anywhere: bounds and certificates need IEEE arithmetic.

dnl PID_ADD_FLAG(FLAG, [VARIABLE]): adds FLAG to VARIABLE (PID_CFLAGS) if the compiler knows it.
AC_DEFUN([PID_ADD_FLAG], [
  AS_VAR_PUSHDEF([known], [pid_cv_flag_$1])
  AC_CACHE_CHECK([whether $CC knows $1], [known], [
    pid_saved_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -Werror $1"
    AC_LINK_IFELSE([AC_LANG_PROGRAM], [AS_VAR_SET([known], [yes])], [AS_VAR_SET([known], [no])])
    CFLAGS=$pid_saved_CFLAGS])
  AS_VAR_IF([known], [yes], [m4_default([$2], [PID_CFLAGS])="$m4_default([$2], [PID_CFLAGS]) $1"])
  AS_VAR_POPDEF([known])])

AC_DEFUN([PID_FLAGS], [
  PID_CFLAGS=
  PID_LDFLAGS=
  m4_foreach_w([flag], [-Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes
    -Wwrite-strings -Wvla -Wformat=2 -Wundef -Wcast-qual -fno-math-errno -fopenmp-simd], [PID_ADD_FLAG(flag)])
  AS_IF([test "$enable_werror" = yes], [PID_ADD_FLAG([-Werror])])
  AS_IF([test "$enable_sanitizers" != no], [
      PID_CFLAGS="$PID_CFLAGS -fsanitize=$enable_sanitizers -fno-omit-frame-pointer -fno-sanitize-recover=all"
    ], [test "$enable_hardening" = yes], [
      m4_foreach_w([flag], [-fstack-protector-strong -fstack-clash-protection -fcf-protection
        -fPIE], [PID_ADD_FLAG(flag)])
      m4_foreach_w([flag], [-pie -Wl,-z,relro -Wl,-z,now], [PID_ADD_FLAG(m4_defn([flag]), [PID_LDFLAGS])])
      AS_CASE([" $CFLAGS "], [*" -O0 "*], [], [PID_ADD_FLAG([-D_FORTIFY_SOURCE=2])])
    ])
  AC_SUBST([PID_CFLAGS])
  AC_SUBST([PID_LDFLAGS])])
