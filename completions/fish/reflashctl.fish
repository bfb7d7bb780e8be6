# SPDX-License-Identifier: ISC
# fish completion for reflashctl: verbs, and from the running daemon the ids of
# its devices and the names of its policies.

function __reflashctl_no_verb
    for word in (commandline -opc)[2..-1]
        string match -q -- '-*' $word; or return 1
    end
end

function __reflashctl_list
    set -l socket
    set -l words (commandline -opc)
    if set -l at (contains -i -- --socket $words)
        set socket --socket $words[(math $at + 1)]
    end
    reflashctl $socket _list $argv[1] 2>/dev/null
end

complete -c reflashctl -f
complete -c reflashctl -l socket -r -F -d 'where the daemon listens'
complete -c reflashctl -l json -d 'print for programs'
complete -c reflashctl -l help -d 'help, on the verb after a verb'
complete -c reflashctl -l version -d 'print the version'
complete -c reflashctl -n __reflashctl_no_verb -a '(__reflashctl_list verbs)'

set -l with_device show plan approve flash retry cancel forget history wait
complete -c reflashctl -n "__fish_seen_subcommand_from $with_device" \
    -a '(__reflashctl_list devices)'
complete -c reflashctl -n '__fish_seen_subcommand_from pause resume' \
    -a '(__reflashctl_list policies)'
complete -c reflashctl -n '__fish_seen_subcommand_from help' \
    -a '(__reflashctl_list verbs)'
complete -c reflashctl -n '__fish_seen_subcommand_from check' -F
complete -c reflashctl -n '__fish_seen_subcommand_from approve' -l all \
    -d 'all that wait'
complete -c reflashctl -n '__fish_seen_subcommand_from flash' -l image -r -F \
    -d 'another image'
complete -c reflashctl -n '__fish_seen_subcommand_from flash' -l again \
    -d 'even if it had this image before'
complete -c reflashctl -n '__fish_seen_subcommand_from wait' -l state -x \
    -a '(__reflashctl_list states)' -d 'until it is'
complete -c reflashctl -n '__fish_seen_subcommand_from wait' -l timeout -x \
    -a '30s 10m 1h' -d 'at most'
