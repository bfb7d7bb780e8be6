/* SPDX-License-Identifier: ISC */
/*
 * image_command -- "reflash-sim image": writes an image of mkimage to a file.
 */
#ifndef REFLASHD_SIM_IMAGE_COMMAND_H
#define REFLASHD_SIM_IMAGE_COMMAND_H

/* Run the command; argv[0] is "image".  Returns an exit code. */
int image_command_main(int argc, char *argv[]);

#endif
