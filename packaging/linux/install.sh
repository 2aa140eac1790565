#!/bin/sh
#
# Installs multichat from this folder: both programs, their menu entries, icons, manual and completions.
#
#     ./install.sh [FOLDER]             below FOLDER: /usr/local for root, otherwise ~/.local
#     ./install.sh --remove [FOLDER]    removes exactly these files; settings and messages stay
set -eu

case ${1-} in
--remove) remove=yes; shift ;;
-*) sed -n '3,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
*) remove=no ;;
esac
if [ "$(id -u)" -eq 0 ]; then usual=/usr/local; else usual=$HOME/.local; fi
folder=${1:-$usual}
case $folder in /*) ;; *) folder=$PWD/$folder ;; esac
cd "$(dirname "$0")"

# The unit of systemd is for a computer, not for one of its users.
if [ "$(id -u)" -eq 0 ]; then parts='bin lib share'; else parts='bin share'; fi

# The lines of menu entries and of the unit name the programs with their folder.
# shellcheck disable=SC2086 # a list of words
find $parts -type f | while read -r file; do
    target=$folder/$file
    if [ $remove = yes ]; then
        rm -f "$target"
        continue
    fi
    mkdir -p "$(dirname "$target")"
    case $file in
    *.desktop) sed "s|^Exec=\([a-z-]*\)|Exec=\"$folder/bin/\1\"|" "$file" >"$target" ;;
    *.service) sed "s|/usr/bin/|$folder/bin/|" "$file" >"$target" ;;
    bin/*) install -m 755 "$file" "$target" ;;
    *) install -m 644 "$file" "$target" ;;
    esac
done

# The only folders that are ours. Others may have been there before, empty.
[ $remove = no ] || rmdir "$folder/share/doc/multichat/examples" "$folder/share/doc/multichat" 2>/dev/null || true

# Where they exist, so that the menu knows of a change at once.
update-desktop-database -q "$folder/share/applications" 2>/dev/null || true
[ -e "$folder/share/icons/hicolor/index.theme" ] && gtk-update-icon-cache -qtf "$folder/share/icons/hicolor" 2>/dev/null || true

[ $remove = no ] || exit 0
missing=$(ldd "$folder/bin/multichat" "$folder/bin/multichat-server" | sed -n 's/^[[:space:]]*\(.*\) => not found/\1/p' | sort -u)
if [ -n "$missing" ]; then
    echo "Installed in $folder. These libraries are missing, and README.txt says which packages have them:" $missing >&2
    exit 1
fi
echo "Installed in $folder. The programs are multichat and multichat-server, in $folder/bin."
