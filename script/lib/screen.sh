# Shell functions for scripts that open our programs: waiting, ending what was started, an invisible screen, keys and
# pictures. To be sourced, after `name` was set to what the script is called in its messages, and from the project's folder.
#
# It makes a folder for what the script needs meanwhile ($scratch), and sees to it that what was started ends with the script.

scratch=$(mktemp -d)
# The owner's settings, history, members and bans stay out of it, and are not changed.
export XDG_CONFIG_HOME=$scratch/config XDG_DATA_HOME=$scratch/data XDG_STATE_HOME=$scratch/state
mkdir "$XDG_CONFIG_HOME" "$XDG_DATA_HOME" "$XDG_STATE_HOME"
programs=${CARGO_TARGET_DIR:-target}/debug
screen_width=1600 screen_height=1000

say() { echo "$name: $*"; }
die() { say "$*" >&2; exit 1; }

# Ends what was started here and still runs, the newest first, so that the screen goes last.
stop_all() {
    local pid pids=
    for pid in $(jobs -pr); do pids="$pid $pids"; done
    for pid in $pids; do end "$pid"; done
    rm -rf "$scratch"
}

# end PID: asks it to end, and sees to it.
end() {
    kill "$1" 2>/dev/null || return 0
    wait_until 5 has_ended "$1" || { say "process $1 does not end, so it is killed" >&2; kill -KILL "$1"; }
}
trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

has_ended() { ! kill -0 "$1" 2>/dev/null; }

# wait_until SECONDS COMMAND...: asks again until the command succeeds; fails when the time is over.
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

# start_screen: leaves its process in $screen.
start_screen() {
    # Xvfb looks for a free display by itself, and writes its number once it is ready.
    Xvfb -displayfd 3 -screen 0 "${screen_width}x${screen_height}x24" -nolisten tcp -noreset \
        3>"$scratch/display" 2>"$scratch/xvfb" &
    screen=$!
    wait_until 10 test -s "$scratch/display" || die "Xvfb did not start: $(cat "$scratch/xvfb")"
    DISPLAY=:$(cat "$scratch/display")
    export DISPLAY
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

# Several looks in a row that saw the same.
is_still() {
    local before=$seen
    seen=$(look)
    if [ "$seen" = "$before" ]; then same=$((same + 1)); else same=0; fi
    [ "$same" -ge 6 ]
}

# Until the screen stops changing: what was said has arrived everywhere. A clock in a window must not hold us up.
settle() {
    seen='' same=0
    wait_until 5 is_still || true
}

# say_in WINDOW TEXT: as a person would, with the keyboard.
say_in() {
    type_in "$1" "$2"
    timeout 20 xdotool key Return
    settle
}

# type_in WINDOW TEXT: the same, without Enter.
type_in() {
    timeout 20 xdotool windowfocus --sync "$1" type --delay 15 "$2"
}

# --- the server -------------------------------------------------------------------------------------------------------

# The server chose a free port, and its first line names it.
has_address() {
    address=$(sed -n '1s/^listening on //p' "$scratch/server")
    [ -n "$address" ] || { has_ended "$server" && die "the server ended before it listened"; }
}

# Where no variable says where data belongs (macOS), these do.
kept=(--members "$scratch/members.db" --bans "$scratch/bans.txt")

# start_server [OPTION...]: starts it on a free port; leaves its process in $server and where it listens in $address.
start_server() {
    # What an earlier one has said is not to be taken for this one's.
    : >"$scratch/server"
    "$programs/server" --listen 127.0.0.1:0 "${kept[@]}" "$@" >"$scratch/server" &
    server=$!
    wait_until 10 has_address || die "the server did not say where it listens"
    say "the server listens on $address"
}
