/* SPDX-License-Identifier: ISC */
/*
 * imagecmd -- "reflash-sim image": writes an image of mkimage to a file.
 */
#ifndef REFLASHD_SIM_IMAGECMD_H
#define REFLASHD_SIM_IMAGECMD_H

/* argv[0] is "image".  Returns an exit code. */
int imagecmd_main(int argc, char *argv[]);

#endif
