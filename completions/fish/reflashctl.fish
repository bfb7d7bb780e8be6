# SPDX-License-Identifier: ISC
# fish completion for reflashctl, which itself knows what could be typed.

function __reflashctl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l offers ($words[1] _complete $words[2..] "$current" 2>/dev/null)
    set -l option (string match -r -- '^--[^=]*=' $current)
    if test "$offers[1]" = :files
        set offers (__fish_complete_path (string replace -- "$option" '' $current))
    end
    string join \n -- "$option"$offers
end

complete -c reflashctl -f -a '(__reflashctl_complete)'
