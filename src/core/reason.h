/* SPDX-License-Identifier: ISC */
/*
 * reason -- why a device was refused, waits or failed: the one table.
 *
 * The daemon, reflashctl, the journal catalog and the manual are all made from
 * it.  A token never changes its meaning; the sentence says what happened, the
 * advice what to do next, both in words for someone who owns a lamp and not a
 * protocol analyser.  The facts of the single case (a code, an address, a
 * size) come in a sentence of their own with the device.
 */
#ifndef REFLASHD_REASON_H
#define REFLASHD_REASON_H

/* What a failed attempt is followed by, as long as attempts are left. */
enum reason_retry {
	REASON_NEVER,	/* nothing changes by itself: a person must act */
	REASON_LATER,	/* again after a delay that grows */
	REASON_AT_ONCE, /* again now: the device must not be left as it is */
	REASON_AFTER,	/* as never; and it has its image: no flash is tried */
	/*
	 * As later; but before the device was told to fetch its attempt does
	 * not count, and it is refused until its info says that it can be
	 * flashed.
	 */
	REASON_BARRED,
};

/* clang-format off */
#define REASONS(X) \
X(NOT_DIY_MODE, "not-diy-mode", BARRED, \
  "the device is in eWeLink mode, where it takes no firmware from the LAN", \
  "Delete it from the eWeLink app, hold its button for 5 s, release, hold again for 5 s, join the access point ITEAD-<id> (password 12345678) and give it your Wi-Fi at http://10.10.7.1; it is found by itself then. If it is listed as failed, run: reflashctl retry ID. From firmware 3.5 on there must be no jumper in it") \
X(WRONG_TYPE, "wrong-type", BARRED, \
  "devices of this type take no firmware over the LAN, or not the firmware for an ESP8266", \
  "Only devices that announce type diy_plug (Basic R3, RF R3, Mini, Mini R2) can be flashed this way; others need a serial adapter") \
X(WRONG_CHIP, "wrong-chip", BARRED, \
  "the image and the device are for different chips", \
  "Take an image for the ESP8266; a Mini R3, Mini R4 or Basic R4 has an ESP32 and cannot be flashed this way") \
X(FIRMWARE_OUT_OF_RANGE, "firmware-out-of-range", BARRED, \
  "the firmware of the device is not one whose update protocol is known", \
  "Stock firmware 3.3 and later is known. If it is older: take out the jumper, pair the device with the eWeLink app, update it there, delete it from the app and bring it into DIY mode again. If it is not, please report what the device says of itself") \
X(IMAGE_MISSING, "image-missing", NEVER, \
  "the image of the policy cannot be read", \
  "Put the file where the policy says (relative names are below ImageDirectory), readable for the daemon, and run: reflashctl reload") \
X(IMAGE_INVALID, "image-invalid", NEVER, \
  "the image is not a whole and intact ESP8266 image of the right layout", \
  "Download it again and look at it with: reflashctl check FILE") \
X(IMAGE_TOO_LARGE, "image-too-large", NEVER, \
  "the image does not fit into the 508 KiB that the stock firmware gives it", \
  "Take a smaller one: current tasmota-lite is too large, tasmota-lite 9.5.0 (504848 bytes) is known to work and can be upgraded afterwards") \
X(IMAGE_MINIMAL, "image-minimal", NEVER, \
  "the image is tasmota-minimal, which cannot be set up and leaves the device dead", \
  "Take tasmota-lite as the first image") \
X(IMAGE_COMPRESSED, "image-compressed", NEVER, \
  "the image is compressed, and the stock firmware cannot unpack it", \
  "Unpack it first (gunzip FILE), or take the .bin from the same place") \
X(IMAGE_FLASH_MODE, "image-flash-mode", NEVER, \
  "the image is not built for flash mode DOUT and would not start on these devices", \
  "Build it for DOUT (ESPHome: board esp01_1m or esp8285), or take a released image") \
X(IMAGE_HASH_MISMATCH, "image-hash-mismatch", NEVER, \
  "the image is not the one that the policy pins with Sha256", \
  "Put the right file in place, or correct Sha256 in the policy") \
X(FINISH_NOT_READY, "finish-not-ready", NEVER, \
  "what is to follow the flash is not ready, and a flash cannot be undone", \
  "Put right what the sentence names, or take it out of the policy, and run: reflashctl reload") \
X(ADDRESS_NOT_ALLOWED, "address-not-allowed", NEVER, \
  "the address of the device is one that may not be contacted", \
  "If it is right, add its network to AllowNetworks in reflashd.conf") \
X(WRONG_DEVICE, "wrong-device", LATER, \
  "another device answers at this address, or two claim one id", \
  "The address has probably changed hands; the device is looked for again. If two devices claim one id, switch one of them off; if the other one is then ignored: reflashctl forget ID") \
X(NO_ANSWER, "no-answer", LATER, \
  "the device does not answer", \
  "Switch it off and on; check that it is on this network, and delete it from the eWeLink app if it is still paired there") \
X(BAD_ANSWER, "bad-answer", LATER, \
  "the device answers with something that is not its protocol", \
  "Switch the device off and on; if it stays so, this firmware is unknown: please report it") \
X(UNLOCK_REFUSED, "unlock-refused", LATER, \
  "the maker's cloud refused to unlock the device", \
  "Switch the device off and on and let it try again; delete it from the eWeLink app if it is still paired there") \
X(UNLOCK_UNREACHABLE, "unlock-unreachable", LATER, \
  "the device cannot reach the maker's cloud, which unlocks it", \
  "For the unlock the device itself needs the Internet: let it reach apid.coolkit.cn port 80, and check DNS filters such as Pi-hole") \
X(UNLOCK_NO_EFFECT, "unlock-no-effect", LATER, \
  "the device said that it unlocked, but it is still locked", \
  "This often passes by itself; switch the device off and on if it does not") \
X(OFFER_REFUSED, "offer-refused", LATER, \
  "the device refused to fetch the image", \
  "With 408 or 424 it could not reach this machine: open the HTTP port in the firewall, and check that the access point lets clients talk to each other; with 403 it had locked itself again") \
X(NOT_OFFERED, "not-offered", LATER, \
  "this machine could not offer the image; the device was told nothing", \
  "The sentence says what is in the way: the disk, or the way to the device") \
X(NEVER_FETCHED, "never-fetched", LATER, \
  "the device accepted, but never asked for the image", \
  "Open the HTTP port (8266 unless you changed it) in the firewall of this machine for the device, and check that the access point lets clients talk to each other (client isolation, guest network)") \
X(STALLED, "stalled", LATER, \
  "the device stopped fetching before the end, or fetches too slowly", \
  "Do not switch it off while it may still be writing; check its Wi-Fi signal, and keep access points from moving it. If it is on the Wi-Fi no more and blinks once a second for ever: hold its button for 40 s; if that does not help, leave it without power for 30 s, then switch it on and off six times (2 s each) and on again; what is left then is a serial adapter") \
X(DOWNLOAD_ERROR, "download-error", LATER, \
  "the device reports that the download did not work", \
  "Check its Wi-Fi signal; it is still on its old firmware and can be tried again") \
X(DIGEST_ERROR, "digest-error", AT_ONCE, \
  "the device says that what it received is not what was announced", \
  "Do NOT switch the device off: a restart now can leave it dead. Let it try again with: reflashctl retry ID") \
X(DEVICE_ERROR, "device-error", NEVER, \
  "the device reports an error of its own while updating", \
  "Do not switch it off at once; look whether it still answers, then let it try again with: reflashctl retry ID") \
X(CAME_BACK_STOCK, "came-back-stock", LATER, \
  "the device restarted or stayed, and still runs its old firmware", \
  "Nothing is lost, it can be tried again; check that the image fits this model") \
X(NOT_SEEN_AGAIN, "not-seen-again", AFTER, \
  "the device left and was not seen again where it was expected", \
  "Look for a new access point of the device (tasmota-...) and give it your Wi-Fi. If there is none after ten minutes: leave it without power for 30 s, then switch it on and off six times (2 s each) and on again, or hold its button for 40 s. Once it is on the LAN: reflashctl retry ID, which looks for it once more and flashes nothing") \
X(WRONG_FIRMWARE, "wrong-firmware", AFTER, \
  "the device is back, but with another firmware than the one it was given", \
  "Look at what runs on it at its address; compare with the image of the policy. To look once more, without flashing it: reflashctl retry ID") \
X(FINISH_FAILED, "finish-failed", AFTER, \
  "the new firmware runs, but a step of its set-up did not take", \
  "The sentence names the step; do it by hand in the device's web page, or correct the policy and run: reflashctl reload, reflashctl retry ID. That goes on with the set-up and flashes nothing") \
X(TRIED_BEFORE, "tried-before", NEVER, \
  "the device has had its attempts with this image already", \
  "To give it another set of them: reflashctl retry ID") \
X(RECORD_LOST, "record-lost", NEVER, \
  "what was known of the device could not be read from the disk", \
  "It is left alone, since it may have been in the middle of an update. See whether it works and what runs on it; to go on: reflashctl retry ID") \
X(CANCELLED, "cancelled", NEVER, \
  "a person cancelled it: it is not flashed until somebody says so", \
  "Whatever image or policy comes, nothing is done to it. To let it go: reflashctl retry ID, or reflashctl flash ID")
/* clang-format on */

enum reason {
	REASON_NONE,
#define X(symbol, token, retry, sentence, advice) REASON_##symbol,
	REASONS(X)
#undef X
	    REASON_COUNT
};

/* Borrowed for ever; REASON_NONE has the token NULL and empty texts. */
const char *reason_token(enum reason);
const char *reason_sentence(enum reason);
const char *reason_advice(enum reason);
enum reason_retry reason_retry(enum reason);

/*
 * Which of the reasons of two attempts, one after the other, a person must
 * know.  Mostly the later one; but silence tells less than what the device said
 * or did before.
 */
enum reason reason_telling(enum reason earlier, enum reason later);

/* The reason of a token; REASON_NONE if there is no such token. */
enum reason reason_find(const char *token);

#endif
