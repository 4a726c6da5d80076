#!/usr/bin/env bash
# Builds KenLM into a Python environment: the module kenlm, which queries n-gram models, and
# bin/lmplz, which trains them.   Usage: bash envs/kenlm.sh PREFIX   (.venv, or a conda environment)
#
# Needs a C++ compiler. Where there is none, or anything else fails, one line on stderr says so and
# the exit status is 0: all but the KenLM columns of Table 3 works without.
#
# Both are compiled here, not by KenLM's setup.py and CMake files: the first knows no lmplz and is
# slow, the second ask for Boost.System, which is no library any more, and for Boost.Test, which
# nothing here uses. It is some sixty small sources, most of them shared by the two, and lmplz
# needs two libraries of Boost. These come in a wheel, as shared libraries only, so the six that
# lmplz loads stay, in lib/kenlm; Boost's headers, 200 MB, do not.
set -euo pipefail

envs=$(cd "$(dirname "$0")" && pwd)
prefix=$(cd "$1" && pwd)
python=$prefix/bin/python
lib=$prefix/lib/kenlm
log=$prefix/kenlm.log
made_of=("$envs/kenlm.txt" "$envs/kenlm-build.txt" "$envs/kenlm.sh")

if { "$python" -V && cat "${made_of[@]}"; } | cmp -s - "$lib/made-of"; then
  exit 0
fi

work=$(mktemp -d)
exec 3>&1 4>&2 > "$log" 2>&1
finish() {
  local status=$?
  rm -rf "$work"
  case $status in 0 | 130 | 143) exit $status ;; esac # built, or stopped by Ctrl-C or kill
  rm -f "$prefix/bin/lmplz"
  echo "KenLM was not built: $trouble (log: $log). The KenLM columns of Table 3 will read" \
    "'not built', all else works. To try again: bash envs/kenlm.sh $prefix" >&4
  exit 0
}
trap finish EXIT

trouble="there is no C++ compiler"
: "${CXX:=$(command -v c++ || command -v g++ || command -v clang++ || true)}"
if [ -z "$CXX" ]; then
  echo "none of c++, g++ and clang++ is in $PATH"
  exit 1
fi
echo "KenLM: building the module kenlm and lmplz, a minute or two" >&3

trouble="its source, or what it is built with, could not be fetched"
fetch=("$python" -m pip download --no-deps --require-hashes --dest "$work")
"${fetch[@]}" -r "$envs/kenlm-build.txt" --only-binary :all: --python-version 3.11
for wheel in "$work"/*.whl; do
  "$python" -m zipfile -e "$wheel" "$work"
done
export PYTHONPATH=$work
"${fetch[@]}" -r "$envs/kenlm.txt" --no-binary kenlm --no-build-isolation
tar -xzf "$work"/kenlm-*.tar.gz -C "$work"

trouble="it could not be compiled"
cd "$work"/kenlm-*/
"$python" -m cython --cplus python/kenlm.pyx -o python/kenlm.cc
boost=$work/cmeel.prefix
ask() { "$python" -c "import sysconfig as s; print(s.$1)"; }
{
  printf '%s\n' {python,lm,lm/builder,lm/common,util/stream,util,util/double-conversion}/*.cc |
    grep -vE '_(main|test)\.cc$'
  echo lm/builder/lmplz_main.cc
} | xargs -P "$(nproc 2> /dev/null || getconf _NPROCESSORS_ONLN)" -I {} \
  $CXX ${CPPFLAGS:-} ${CXXFLAGS:-} -std=c++14 -w -O3 -DNDEBUG -DKENLM_MAX_ORDER=6 -fPIC -pthread \
  -I . -I "$boost/include" -I "$(ask 'get_path("include")')" -c {} -o {}.o

if [ "$(uname)" = Darwin ]; then
  here=@loader_path shared=dylib module="-bundle -undefined dynamic_lookup"
else
  here=\$ORIGIN shared='so.*' module=-shared
fi
$CXX {util,util/double-conversion,util/stream,lm,lm/common,lm/builder}/*.o -pthread \
  -L "$boost/lib" -lboost_program_options -lboost_thread \
  -Wl,-rpath,"$here/../lib/kenlm" ${LDFLAGS:-} -o lmplz
$CXX $module {util,util/double-conversion,lm,python}/*.o -pthread ${LDFLAGS:-} -o module

trouble="it does not run"
rm -rf "$lib"
mkdir "$lib"
cp "$boost"/lib/libboost_{program_options,thread,atomic,chrono,container,date_time}.$shared "$lib"
mv lmplz "$prefix/bin/lmplz"
mv module "$(ask 'get_path("platlib")')/kenlm$(ask 'get_config_var("EXT_SUFFIX")')"
echo "a b" | "$prefix/bin/lmplz" -o 2 -S 64M --discount_fallback > "$work/model"
"$python" -c "import kenlm; kenlm.Model('$work/model').score('a b')"
{ "$python" -V && cat "${made_of[@]}"; } > "$lib/made-of"
