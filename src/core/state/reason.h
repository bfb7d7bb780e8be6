/* SPDX-License-Identifier: ISC */
/*
 * reason -- why a device was refused, waits or failed: the one table.
 *
 * The daemon, reflashctl, the journal catalog and the manual are all made from
 * it.  A token never changes its meaning.  The sentence says what happened and
 * the advice what to do next, both in words for a person who owns a lamp and no
 * protocol analyser.  The facts of the single case (a code, an address, a size)
 * come in a sentence of their own with the device.
 */
#ifndef REFLASHD_REASON_H
#define REFLASHD_REASON_H

/* What follows a failed attempt, as long as attempts are left. */
enum reason_retry {
	REASON_NEVER,	/* nothing changes by itself: a person must act */
	REASON_LATER,	/* again after a delay that grows */
	REASON_AT_ONCE, /* again now: the device must not be left as it is */
	REASON_AFTER,	/* as NEVER, and the device has its image: no retry */
	/*
	 * Like LATER.  But if the device was not told to fetch yet, the attempt
	 * does not count, and the device is refused until its info says that it
	 * can be flashed.
	 */
	REASON_BARRED,
};

/* clang-format off */
#define REASONS(X) \
X(NOT_DIY_MODE, "not-diy-mode", BARRED, \
  "the device is in eWeLink mode, where it accepts no firmware from your network", \
  "Delete it from the eWeLink app. Hold its button for 5 s, release it, hold it again for 5 s. Join its access point ITEAD-<id> (password 12345678) and enter your Wi-Fi at http://10.10.7.1. The device is then found by itself. If it is listed as failed, run: reflashctl retry ID. From firmware 3.5 on there must be no jumper in it") \
X(WRONG_TYPE, "wrong-type", BARRED, \
  "devices of this type accept no firmware over the network, or no firmware for an ESP8266", \
  "Only devices that announce type diy_plug (Basic R3, RF R3, Mini, Mini R2) can be flashed over the network; others need a serial adapter") \
X(WRONG_CHIP, "wrong-chip", BARRED, \
  "the image and the device are for different chips", \
  "Use an image for the ESP8266. A Mini R3, Mini R4 or Basic R4 has an ESP32 and cannot be flashed this way") \
X(FIRMWARE_OUT_OF_RANGE, "firmware-out-of-range", BARRED, \
  "the update protocol of this firmware is not known", \
  "Firmware 3.3 and later is known. If the device has an older one: take out the jumper, pair the device with the eWeLink app, update it there, delete it from the app and put it into DIY mode again. If it has a newer one, please report what the device says about itself") \
X(IMAGE_MISSING, "image-missing", NEVER, \
  "the image file of the policy is not there", \
  "Put it there under the name that the policy has: \"reflashctl add\" takes a file of yours, \"reflashctl download\" lists what it can get. Or write another Image= into the policy, and run: reflashctl reload") \
X(IMAGE_UNREADABLE, "image-unreadable", NEVER, \
  "the image file of the policy is there, but the daemon may not read it, or must not trust it", \
  "The detail says who may not read it, or who could change it, and names the command that corrects it. Then run: reflashctl reload") \
X(IMAGE_INVALID, "image-invalid", NEVER, \
  "the image is not a whole and intact ESP8266 image of the right layout", \
  "Get it again: \"reflashctl download\" lists what it can get, and \"reflashctl add\" takes a file of yours; both check it first") \
X(IMAGE_TOO_LARGE, "image-too-large", NEVER, \
  "the image does not fit into the 508 KiB that the Sonoff firmware has for it", \
  "Use a smaller image. The current tasmota-lite is too large; tasmota-lite 9.5.0 (504848 bytes) fits, and can be upgraded afterwards") \
X(IMAGE_MINIMAL, "image-minimal", NEVER, \
  "the image is tasmota-minimal, which cannot be set up and would leave the device unusable", \
  "Use tasmota-lite as the first image") \
X(IMAGE_COMPRESSED, "image-compressed", NEVER, \
  "the image is compressed, and the Sonoff firmware cannot unpack it", \
  "The detail says whether it would do unpacked. If not, it may still be right for Upgrade= of a policy, after a smaller first image") \
X(IMAGE_FLASH_MODE, "image-flash-mode", NEVER, \
  "the image is not built for flash mode DOUT and would not start on these devices", \
  "Build it for DOUT (ESPHome: board esp01_1m or esp8285), or use a released image") \
X(IMAGE_HASH_MISMATCH, "image-hash-mismatch", NEVER, \
  "the checksum of the image is not the Sha256 that the policy names", \
  "Put the right file in place, or correct Sha256 in the policy") \
X(IMAGE_CHANGED, "image-changed", NEVER, \
  "another image is in the place of the one that was ordered", \
  "Look at the file. If you put the ordered one back, the flash goes on by itself. To have the present one flashed, order that: reflashctl flash ID") \
X(FINISH_NOT_READY, "finish-not-ready", NEVER, \
  "something that is needed after the flash is missing, and a flash cannot be undone", \
  "Correct what the detail names, or remove it from the policy, and run: reflashctl reload") \
X(ADDRESS_NOT_ALLOWED, "address-not-allowed", NEVER, \
  "the address of the device is one that reflashd may not contact", \
  "If the address is right, write its network into AllowNetworks= of reflashd.conf, beside those that are to stay (\"reflashd -p\" lists them), and run: reflashctl reload") \
X(WRONG_DEVICE, "wrong-device", LATER, \
  "another device answers at this address, or two devices claim the same id", \
  "The address has probably been given to another device; the right one is searched for. If two devices claim the same id, switch one of them off. If the other one is then ignored, run: reflashctl forget ID") \
X(NO_ANSWER, "no-answer", LATER, \
  "the device does not answer", \
  "Switch the device off and on. Check that it is on this network, and delete it from the eWeLink app if it is still paired there") \
X(BAD_ANSWER, "bad-answer", LATER, \
  "the device answers with something that is not its protocol", \
  "Switch the device off and on. If the problem stays, this firmware is unknown: please report it") \
X(UNLOCK_REFUSED, "unlock-refused", LATER, \
  "the Sonoff cloud refused to unlock the device", \
  "Switch the device off and on, and let it try again. Delete it from the eWeLink app if it is still paired there") \
X(UNLOCK_UNREACHABLE, "unlock-unreachable", LATER, \
  "the device cannot reach the Sonoff cloud, which has to unlock it", \
  "The device itself needs the Internet for the unlock: let it reach apid.coolkit.cn port 80, and check DNS filters such as Pi-hole") \
X(UNLOCK_NO_EFFECT, "unlock-no-effect", LATER, \
  "the device said that it is unlocked, but it is still locked", \
  "This often passes by itself. If it does not, switch the device off and on") \
X(OFFER_REFUSED, "offer-refused", LATER, \
  "the device refused to download the image", \
  "Error 408 or 424 means that the device could not reach this machine: open TCP port PORT in its firewall, and check that the access point lets clients talk to each other. Error 403 means that the device had locked itself again") \
X(NOT_OFFERED, "not-offered", LATER, \
  "this machine could not offer the image, and nothing was sent to the device", \
  "The detail names the obstacle: the disk, or the network to the device") \
X(NEVER_FETCHED, "never-fetched", LATER, \
  "the device accepted the order, but never asked for the image", \
  "Open TCP port PORT in the firewall of this machine for the device, and check that the access point lets clients talk to each other (client isolation, guest network)") \
X(STALLED, "stalled", LATER, \
  "the download stopped before its end, or was too slow", \
  "Do not switch the device off while it may still be writing. If the detail blames this machine, nothing is wrong with the device. Otherwise check its Wi-Fi signal, and keep access points from moving it. If the device has left the Wi-Fi and blinks once a second without end: hold its button for 40 s. If that does not help: leave it without power for 30 s, then switch it on and off six times (2 s each), and on again. If that does not help either, it needs a serial adapter") \
X(DOWNLOAD_ERROR, "download-error", LATER, \
  "the device reports that the download did not work", \
  "Check its Wi-Fi signal. The device still has its old firmware and can be tried again") \
X(DIGEST_ERROR, "digest-error", AT_ONCE, \
  "the device reports that the checksum of what it received is wrong", \
  "Do NOT switch the device off: a restart now can leave it dead. Let it try again with: reflashctl retry ID") \
X(DEVICE_ERROR, "device-error", NEVER, \
  "the device reports an error of its own during the update", \
  "Do not switch the device off at once. Check whether it still answers, then let it try again with: reflashctl retry ID") \
X(CAME_BACK_STOCK, "came-back-stock", LATER, \
  "the device restarted or stayed, and still runs its old firmware", \
  "Nothing is lost, and the device can be tried again. Check that the image fits this model") \
X(NOT_SEEN_AGAIN, "not-seen-again", AFTER, \
  "the device restarted and did not come back where it was expected", \
  "Look for a new access point of the device (tasmota-...) and enter your Wi-Fi there. If there is none after ten minutes: leave the device without power for 30 s, then switch it on and off six times (2 s each), and on again, or hold its button for 40 s. Once it is on your network, run: reflashctl retry ID, which looks for it once more and flashes nothing") \
X(WRONG_FIRMWARE, "wrong-firmware", AFTER, \
  "the device is back, but with another firmware than the one it was given", \
  "Open http://ADDRESS in a browser to see what runs there, and compare it with the image of the policy. To check once more, without flashing: reflashctl retry ID") \
X(FINISH_FAILED, "finish-failed", AFTER, \
  "the new firmware runs, but a step of its set-up failed", \
  "The detail names the step. Do it by hand at http://ADDRESS, or correct the policy and run: reflashctl reload, then reflashctl retry ID. That continues the set-up and flashes nothing") \
X(TRIED_BEFORE, "tried-before", NEVER, \
  "every attempt with this image has been used up", \
  "To allow another set of attempts, run: reflashctl retry ID") \
X(RECORD_LOST, "record-lost", NEVER, \
  "what was known about the device could not be read from the disk", \
  "The device is left alone, since it may have been in the middle of an update. Check whether it works and which firmware it runs. To go on: reflashctl retry ID") \
X(CANCELLED, "cancelled", NEVER, \
  "cancelled: it is not flashed until you say so", \
  "Nothing is done to the device, whatever image or policy comes. To let it go on: reflashctl retry ID, or reflashctl flash ID")
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
 * Return which reason of two attempts, one after the other, a person must know.
 * That is mostly the later one, but silence says less than what the device said
 * or did before.
 */
enum reason reason_telling(enum reason earlier, enum reason later);

/* Find the reason of a token; REASON_NONE if there is no such token. */
enum reason reason_find(const char *token);

#endif
