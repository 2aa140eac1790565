# Shell functions for scripts that open our programs: waiting, ending processes, an invisible screen, keys and pictures. Source
# it from the project's folder, with `name` set to the script's name in its messages.
#
# It makes a folder for temporary files ($scratch), and ends all processes of the script together with the script.

scratch=$(mktemp -d)
# The user's own settings, history, members and bans are neither read nor changed.
export XDG_CONFIG_HOME=$scratch/config XDG_DATA_HOME=$scratch/data XDG_STATE_HOME=$scratch/state
mkdir "$XDG_CONFIG_HOME" "$XDG_DATA_HOME" "$XDG_STATE_HOME"
programs=${CARGO_TARGET_DIR:-target}/debug
screen_width=1600 screen_height=1000

say() { echo "$name: $*"; }
die() { say "$*" >&2; exit 1; }

# Ends the processes that were started here and still run, the newest first, so that the screen is last.
stop_all() {
    local pid pids=
    for pid in $(jobs -pr); do pids="$pid $pids"; done
    for pid in $pids; do end "$pid"; done
    rm -rf "$scratch"
}

# end PID: asks a process to end, and kills it after 5 seconds.
end() {
    kill "$1" 2>/dev/null || return 0
    wait_until 5 has_ended "$1" || { say "process $1 does not end, so it is killed" >&2; kill -KILL "$1"; }
}
trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

has_ended() { ! kill -0 "$1" 2>/dev/null; }

# wait_until SECONDS COMMAND...: runs the command until it succeeds; fails when the time is over.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.1
    done
}

# --- the invisible screen ---------------------------------------------------------------------------------------------

has_no_display() { [ "$(uname -s)" = Linux ] && [ -z "${DISPLAY:-}" ] && [ -z "${WAYLAND_DISPLAY:-}" ]; }

# start_screen: starts an X server; leaves its process in $screen.
start_screen() {
    # Xvfb finds a free display by itself, and writes its number once it is ready.
    Xvfb -displayfd 3 -screen 0 "${screen_width}x${screen_height}x24" -nolisten tcp -noreset \
        3>"$scratch/display" 2>"$scratch/xvfb" &
    screen=$!
    wait_until 10 test -s "$scratch/display" || die "Xvfb did not start: $(cat "$scratch/xvfb")"
    DISPLAY=:$(cat "$scratch/display")
    # No notification appears on the user's real screen, and no picture depends on its colours.
    DBUS_SESSION_BUS_ADDRESS=none:
    export DISPLAY DBUS_SESSION_BUS_ADDRESS
    # A backdrop. ImageMagick draws it, and exits with 1 all the same.
    display -window root -size "${screen_width}x${screen_height}" 'gradient:#5b7a99-#22303f' || true
}

# find_window PID TITLE: succeeds once the process shows a window with this title, and leaves its number in $window.
find_window() {
    window=$(xdotool search --onlyvisible --all --pid "$1" --name "$2" 2>/dev/null | tail -n 1)
    [ -n "$window" ]
}

# place WINDOW X Y WIDTH HEIGHT
place() { xdotool windowsize "$1" "$4" "$5" windowmove "$1" "$2" "$3"; }

look() { import -window root rgb:- | cksum; }

# Succeeds once several looks in a row have seen the same picture.
is_still() {
    local before=$seen
    seen=$(look)
    if [ "$seen" = "$before" ]; then same=$((same + 1)); else same=0; fi
    [ "$same" -ge 6 ]
}

# Waits until the screen stops changing: every message has arrived everywhere. A clock in a window must not hold the script up.
settle() {
    seen='' same=0
    wait_until 5 is_still || true
}

# say_in WINDOW TEXT: types a text and Enter.
say_in() {
    type_in "$1" "$2"
    timeout 20 xdotool key Return
    settle
}

# type_in WINDOW TEXT: types a text.
type_in() {
    timeout 20 xdotool windowfocus --sync "$1" type --delay 15 "$2"
}

# --- the server -------------------------------------------------------------------------------------------------------

# The server chose a free port, and its first line names it.
has_address() {
    address=$(sed -n '1s/^listening on //p' "$scratch/server")
    [ -n "$address" ] || { has_ended "$server" && die "the server ended before it listened"; }
}

# Where no variable names the data directory (macOS), these options do.
kept=(--members "$scratch/members.db" --bans "$scratch/bans.txt")

# start_server [OPTION...]: starts it on a free port, or at $listen; leaves its process in $server and where it listens in $address.
start_server() {
    # The first line of an earlier server must not be taken for this one's.
    : >"$scratch/server"
    "$programs/server" --listen "${listen:-127.0.0.1:0}" "${kept[@]}" "$@" >"$scratch/server" &
    server=$!
    wait_until 10 has_address || die "the server did not say where it listens"
    say "the server listens on $address"
}
