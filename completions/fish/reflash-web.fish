# SPDX-License-Identifier: ISC
# fish completion for reflash-web

complete -c reflash-web -s c -r -d 'configuration'
complete -c reflash-web -f -s t -d 'check the configuration, the token and the daemon'
complete -c reflash-web -f -s D -d 'debug messages'
complete -c reflash-web -f -s V -l version -d 'print the version'
complete -c reflash-web -f -s h -l help -d 'print a summary of the options'
