# SPDX-License-Identifier: ISC
# fish completion for reflashd.

complete -c reflashd -f
complete -c reflashd -s c -r -F -d 'Read the configuration from this file'
complete -c reflashd -s D -x -d 'Log more about a topic' \
    -a 'state device discovery server control libevent all'
complete -c reflashd -s t -d 'Check configuration, policies and images'
complete -c reflashd -s p -d 'Print the configuration in effect'
complete -c reflashd -s V -l version -d 'Print the version and what it was built with'
complete -c reflashd -s h -l help -d 'Print a summary of the options'
