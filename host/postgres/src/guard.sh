# Owns the server of one data folder, and ends with it.
# Standard input: the FIFO that every holder keeps open for writing, so that it ends when the last holder does,
# however that one ends. Standard output: the FIFO for acknowledgements. Standard error: the log.
# $1: the socket folder; the rest: the server's command.
socket=$1
shift
exec 3<&0 4>&1 </dev/null >&2

"$@" 3<&- 4>&- &
server=$!
trap '' HUP INT QUIT TERM PIPE

(
    # Whoever wants to share the server sends a word and is safe once it comes back: from then on this loop
    # cannot end before that holder does.
    while read -r word; do
        echo "$word" >&4
    done <&3
    # Lets go of the log too: a last sleep must not pass for a process of the server.
    exec 3<&- 4>&- >/dev/null 2>&1
    # Again and again, because a server that is only just starting does not hear it yet.
    while kill -INT "$server"; do
        sleep 1
    done
) &
reader=$!
exec 3<&- 4>&-

wait "$server"
# Some shells report the kill below; the log, still open and thereby locked, is no place for that.
exec 5>&2 2>/dev/null
kill -KILL "$reader"
rm -rf -- "$socket"
