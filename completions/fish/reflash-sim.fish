# SPDX-License-Identifier: ISC
# fish completion for reflash-sim, which itself lists faults, keys and images.

function __reflash_sim_list --argument-names what
    switch $what
        case faults
            reflash-sim --list-faults | string replace -r ' .*' '' | string replace -r '^' fault=
        case keys
            reflash-sim --help | sed -n '/^Keys of a SPEC/,$s/^  \([a-z-][a-z-]*\) .*/\1=/p'
        case images
            reflash-sim image --list | sed '/^$/,$d; s/ .*//'
        case payloads
            reflash-sim image --list | sed -n 's/^payloads: *//p' | string split -n ' '
    end 2>/dev/null
end

# The part after the last comma of a SPEC.
function __reflash_sim_spec
    set -l typed (commandline -ct | string replace -r -- '^--(device|each)=' '')
    set -l front (string match -r -- '^.*,' $typed)
    set -l what keys
    string match -q -- '*fault=*' (string replace -- "$front" '' $typed); and set what faults
    string join \n -- "$front"(__reflash_sim_list $what)
end

function __reflash_sim_first
    test (count (commandline -opc)) = 1
end

function __reflash_sim_is_image
    set -l words (commandline -opc)
    test "$words[2]" = image
end

complete -c reflash-sim -f
complete -c reflash-sim -n 'not __reflash_sim_is_image' -l devices -x -d 'So many devices'
complete -c reflash-sim -n 'not __reflash_sim_is_image' -l device -x -a '(__reflash_sim_spec)' -d 'One more device'
complete -c reflash-sim -n 'not __reflash_sim_is_image' -l each -x -a '(__reflash_sim_spec)' -d 'Keys for all of --devices'
complete -c reflash-sim -n 'not __reflash_sim_is_image' -l loopback -d 'No namespaces'
complete -c reflash-sim -n 'not __reflash_sim_is_image' -l report -r -F -d 'Write a JSON report'
complete -c reflash-sim -n 'not __reflash_sim_is_image' -l control -r -F -d 'Make a control socket'
complete -c reflash-sim -n 'not __reflash_sim_is_image' -l quiet -d 'Print no summary'
complete -c reflash-sim -n 'not __reflash_sim_is_image' -l verbose -d 'Print what the devices do'
complete -c reflash-sim -n 'not __reflash_sim_is_image' -l list-faults -d 'List what can be wrong with a device'
complete -c reflash-sim -n 'not __reflash_sim_is_image' -s V -l version -d 'Print the version'
complete -c reflash-sim -s h -l help -d 'Print a summary of the options'
complete -c reflash-sim -n __reflash_sim_first -a 'image control'
complete -c reflash-sim -n __reflash_sim_is_image -a '(__reflash_sim_list images)'
complete -c reflash-sim -n __reflash_sim_is_image -F
complete -c reflash-sim -n __reflash_sim_is_image -l payload -x -a '(__reflash_sim_list payloads)' -d 'What is in it'
complete -c reflash-sim -n __reflash_sim_is_image -l size -x -d Bytes
complete -c reflash-sim -n __reflash_sim_is_image -l seed -x -d 'Number of the noise'
complete -c reflash-sim -n __reflash_sim_is_image -l list -d 'List kinds and payloads'
