#!/bin/sh
# Installs what a build needs and is missing (Debian 12 names). With "test": also what the tests need.
# Where apt or root is missing, names the packages and ends with status 1.
set -u

# What a package is known by: a command, a header that the compiler finds (so libraries built from source count), or
# what pkg-config or Python finds.
build='gcc=cmd:gcc make=cmd:make libc6-dev=hdr:stdio.h libarchive-dev=hdr:archive.h libjpeg62-turbo-dev=hdr:jpeglib.h
       libpng-dev=hdr:png.h zlib1g-dev=hdr:zlib.h libdeflate-dev=hdr:libdeflate.h
       libisal-dev=hdr:isa-l/igzip_lib.h libssl-dev=hdr:openssl/evp.h libseccomp-dev=hdr:seccomp.h
       libyajl-dev=hdr:yajl/yajl_parse.h libxml2-dev=pc:libxml-2.0 libsqlite3-dev=hdr:sqlite3.h
       libgif-dev=hdr:gif_lib.h libwebp-dev=hdr:webp/demux.h libtiff-dev=hdr:tiffio.h
       libavformat-dev=hdr:libavformat/avformat.h libavcodec-dev=hdr:libavcodec/avcodec.h libswscale-dev=hdr:libswscale/swscale.h
       libheif-dev=hdr:libheif/heif.h libopenjp2-7-dev=hdr:openjpeg-2.5/openjpeg.h libjxl-dev=hdr:jxl/decode.h
       pkgconf=cmd:pkg-config libgsf-1-dev=pc:libgsf-1 libgmime-3.0-dev=pc:gmime-3.0 libqpdf-dev=hdr:qpdf/qpdf-c.h
       libtsk-dev=hdr:tsk/libtsk.h libzstd-dev=hdr:zstd.h libsqlite3-dev=hdr:sqlite3.h
       libpff-dev=hdr:libpff.h libbfio-dev=hdr:libbfio.h'
test='libcriterion-dev=hdr:criterion/criterion.h jq=cmd:jq zip=cmd:zip strace=cmd:strace libxml2-utils=cmd:xmllint sleuthkit=cmd:hfind
      hashdeep=cmd:hashdeep sqlite3=cmd:sqlite3 chromium=cmd:chromium chromium-driver=cmd:chromedriver curl=cmd:curl
      e2fsprogs=cmd:mke2fs dosfstools=cmd:mkfs.vfat makefs=cmd:makefs exfatprogs=cmd:mkfs.exfat mtools=cmd:mcopy ntfs-3g=cmd:ntfscp gdisk=cmd:sgdisk
      qemu-utils=cmd:qemu-img genisoimage=cmd:genisoimage xorriso=cmd:xorriso zisofs-tools=cmd:mkzftree udftools=cmd:mkudffs udfclient=cmd:udfclient ewf-tools=cmd:ewfacquire
      slurm-wlm=cmd:sbatch munge=cmd:munge parallel=cmd:parallel python3-yaml=py:yaml'

have() {
    case $1 in
    cmd:*) command -v "${1#cmd:}" >/dev/null 2>&1 ;;
    py:*) python3 -c "import ${1#py:}" 2>/dev/null ;;
    pc:*) pkg-config --exists "${1#pc:}" 2>/dev/null ;;
    hdr:*) printf '#include <stdio.h>\n#include <%s>\n' "${1#hdr:}" | ${CC:-cc} -E - >/dev/null 2>&1 ;;
    esac
}

missing() {
    for row in "$@"; do
        have "${row#*=}" || printf '%s ' "${row%%=*}"
    done
}

rows=$build
[ "${1:-}" = test ] && rows="$build $test"
# shellcheck disable=SC2086
need=$(missing $rows)
[ -n "$need" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" != 0 ]; then
    echo "missing (names of Debian 12): $need" >&2
    echo "install them as root:  apt-get install $need" >&2
    exit 1
fi
echo "installing: $need"
export DEBIAN_FRONTEND=noninteractive
apt-get update -q </dev/null >/dev/null || echo "apt-get update failed; going on with the lists that are there" >&2
# shellcheck disable=SC2086
apt-get install -y -q --no-install-recommends $need </dev/null >/dev/null || {
    echo "apt-get could not install: $need" >&2
    exit 1
}
# shellcheck disable=SC2086
need=$(missing $rows)
[ -z "$need" ] || {
    echo "still missing after the installation: $need" >&2
    exit 1
}
