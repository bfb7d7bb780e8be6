# SPDX-License-Identifier: ISC
# fish completion for reflash-mqtt

complete -c reflash-mqtt -s c -r -d 'configuration'
complete -c reflash-mqtt -f -s t -d 'check the configuration and the broker'
complete -c reflash-mqtt -f -s D -d 'debug messages'
complete -c reflash-mqtt -f -s V -l version -d 'print the version'
complete -c reflash-mqtt -f -s h -l help -d 'print a summary of the options'
