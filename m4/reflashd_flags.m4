# RF_REQUIRED(VAR, MODULES, PACKAGE): stops without these modules of pkg-config,
# which are in that package of Debian.
AC_DEFUN([RF_REQUIRED], [
PKG_CHECK_MODULES([$1], [$2], [],
	[AC_MSG_ERROR([$2 not found; on Debian: apt-get install $3
$$1_PKG_ERRORS])])
])

# RF_OPTIONAL(NAME, VAR, MODULES, HELP, PACKAGE)
# --enable-NAME (auto: where pkg-config knows MODULES).  Defines HAVE_VAR.
AC_DEFUN([RF_OPTIONAL], [
AC_ARG_ENABLE([$1], [AS_HELP_STRING([--disable-$1], [without $4])],
	[rf_want_$2=$enableval], [rf_want_$2=auto])
rf_have_$2=no
AS_IF([test "x$rf_want_$2" != xno],
	[PKG_CHECK_MODULES([$2], [$3], [rf_have_$2=yes],
		[AS_IF([test "x$rf_want_$2" = xyes],
			[AC_MSG_ERROR([--enable-$1 needs $3; on Debian: apt-get install $5])])])])
AS_IF([test $rf_have_$2 = yes], [AC_DEFINE([HAVE_$2], [1], [Have $4.])])
AM_CONDITIONAL([HAVE_$2], [test $rf_have_$2 = yes])
])

# RF_TRY_FLAG(VAR, FLAGS): add FLAGS, tried as one and linked, to VAR.
AC_DEFUN([RF_TRY_FLAG], [
AC_MSG_CHECKING([whether $CC takes $2])
rf_saved=$CFLAGS
CFLAGS="$CFLAGS -Werror $2"
AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <string.h>]], [[]])],
	[AC_MSG_RESULT([yes]); $1="$$1 $2"], [AC_MSG_RESULT([no])])
CFLAGS=$rf_saved
])

# Warnings always, hardening unless sanitizers replace it, errors on request.
AC_DEFUN([RF_COMPILER_FLAGS], [
RF_CFLAGS= RF_LDFLAGS= rf_hardening=no
m4_foreach_w([flag], [-Wall -Wextra -Wshadow -Wstrict-prototypes
	-Wmissing-prototypes -Wwrite-strings -Wpointer-arith -Wundef
	-Wformat=2 -Wvla -Wcast-qual -Wimplicit-fallthrough
	-fexcess-precision=standard],
	[RF_TRY_FLAG([RF_CFLAGS], flag)])
AS_IF([test "x$enable_fuzzers" = xyes], [enable_sanitizers=yes
	RF_CFLAGS="$RF_CFLAGS -fsanitize=fuzzer-no-link"])
AS_IF([test "x$enable_sanitizers" = xyes],
	[RF_CFLAGS="$RF_CFLAGS -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
	 RF_LDFLAGS="$RF_LDFLAGS -fsanitize=address,undefined"],
	[test "x$enable_coverage" = xyes],
	[RF_CFLAGS="$RF_CFLAGS --coverage -O0" RF_LDFLAGS="$RF_LDFLAGS --coverage"],
	[rf_hardening=yes
	RF_TRY_FLAG([RF_CFLAGS], [-fstack-protector-strong])
	RF_TRY_FLAG([RF_CFLAGS], [-fstack-clash-protection])
	RF_TRY_FLAG([RF_CFLAGS], [-fcf-protection])
	RF_TRY_FLAG([RF_CFLAGS], [-ftrivial-auto-var-init=zero])
	RF_TRY_FLAG([RF_CFLAGS], [-O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2])
	RF_TRY_FLAG([RF_CFLAGS], [-fPIE -pie])
	RF_CFLAGS=`AS_ECHO(["$RF_CFLAGS"]) | sed 's/ -pie//'`
	RF_LDFLAGS="$RF_LDFLAGS -pie"
	RF_TRY_FLAG([RF_LDFLAGS], [-Wl,-z,relro -Wl,-z,now])
	RF_TRY_FLAG([RF_LDFLAGS], [-Wl,-z,noexecstack])
	RF_TRY_FLAG([RF_LDFLAGS], [-Wl,--as-needed])])
AS_IF([test "x$enable_werror" = xyes], [RF_CFLAGS="$RF_CFLAGS -Werror"])
AC_SUBST([RF_CFLAGS])
AC_SUBST([RF_LDFLAGS])
])
