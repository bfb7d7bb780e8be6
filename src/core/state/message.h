/* SPDX-License-Identifier: ISC */
/*
 * message -- the ids under which the journal knows what is said of a device.
 *
 * An id means one thing for ever, since filters and scripts use it: a new
 * reason or state gets a new id (systemd-id128 new), and the id of a removed
 * one is not used again.  The catalog that explains the ids is made from these
 * tables and those of the reasons and states.  Here is only what a person who
 * meets a state should know or do.
 */
#ifndef REFLASHD_MESSAGE_H
#define REFLASHD_MESSAGE_H

#include "core/state/reason.h"
#include "core/state/state.h"

/*
 * The ids of lines that are no change of state: the progress of a download, and
 * any other note.
 */
#define MESSAGE_PROGRESS "7ab95353120740c9a25062242667b7f5"
#define MESSAGE_NOTE	 "f1da4cf674564b1eab916818882f0e21"

/* clang-format off */
#define MESSAGE_REASONS(X) \
X(NOT_DIY_MODE,         "2c500a1874c144b29f82c5b334b29084") \
X(WRONG_TYPE,           "162113f43b384278b51093c50388aaf1") \
X(WRONG_CHIP,           "6f0be35b697845fabad8a9fce23bbd8f") \
X(FIRMWARE_OUT_OF_RANGE, "3eae446553d04366a2cd6c0e6a9482bc") \
X(IMAGE_MISSING,        "285c4b606a364014affdc14cdc38314f") \
X(IMAGE_UNREADABLE,     "b820990ced4440a499c8af8ad07c886b") \
X(IMAGE_INVALID,        "b9a555651712409ca2b771f0d3d78a97") \
X(IMAGE_TOO_LARGE,      "e39349dd774642fd98ddb133a05da8fe") \
X(IMAGE_MINIMAL,        "bcabcfc81b704f518ad5c1b1d1edcb14") \
X(IMAGE_COMPRESSED,     "0af2c2f537c94f99a86fe78ba09c7c9a") \
X(IMAGE_FLASH_MODE,     "271abeed91fd44ca9d4a5fc5b5bcd4f9") \
X(IMAGE_HASH_MISMATCH,  "122a056e5e2045bfbee328062865a766") \
X(IMAGE_CHANGED,        "956d7d7b8cd74e4cb6014acfef732812") \
X(FINISH_NOT_READY,     "5cd349972a214f1f8611e8b6ec8035e8") \
X(ADDRESS_NOT_ALLOWED,  "5595c398a5d640008b549c748e012daa") \
X(WRONG_DEVICE,         "97f2c41eae8e4761a4342931e67ac2aa") \
X(NO_ANSWER,            "6743bcc36b874674841c14fcf6c55c91") \
X(BAD_ANSWER,           "367a45611fd0438c8a3e5cb09d2457df") \
X(UNLOCK_REFUSED,       "34a2d284e812459e885103caa5067362") \
X(UNLOCK_UNREACHABLE,   "b6e03f9eed2345f4950986c49edf83e4") \
X(UNLOCK_NO_EFFECT,     "6da428f728bc401cb97bf822340e5c67") \
X(OFFER_REFUSED,        "7d86d991137e45e186c20bdf626ca722") \
X(NOT_OFFERED,          "5b5f5f08593f4b80bee8da4f24f16485") \
X(NEVER_FETCHED,        "3e822d5ff84944d19208fc3403d608d5") \
X(STALLED,              "6e79212dd17f4b088f6da9bd213782ef") \
X(DOWNLOAD_ERROR,       "462b4777d57b41bd9dce20d0887c21e6") \
X(DIGEST_ERROR,         "9cb98c00aa4141c48d57389f69707dcb") \
X(DEVICE_ERROR,         "f3a7cdbb6b97477087361f11efbf91a3") \
X(CAME_BACK_STOCK,      "de3f2ca311df40a5b76c187f5fb56c89") \
X(NOT_SEEN_AGAIN,       "d79c753cc6964962a4e7f395a318228b") \
X(WRONG_FIRMWARE,       "170457b15c7046718d6820c6c93719eb") \
X(FINISH_FAILED,        "bcb6bcd5ce27460eaddb0e456659461e") \
X(TRIED_BEFORE,         "7bb2f9862e584f60889dee34d5713cd7") \
X(RECORD_LOST,          "2ede4b22783745539243d90a917fb3bd") \
X(CANCELLED,            "c6057025554846b982c0d40116392d12")

#define MESSAGE_STATES(X) \
X(SEEN,        "91da49dd6e8c40f2b406bd3cc5a41048", \
  "To see what would be done with it, and why not: reflashctl plan. To have it flashed, it needs a policy that fits it; one is printed by: reflashctl propose ID") \
X(IGNORED,     "52efdc0d510c45e58448931f0369525a", \
  "Nothing to do: a policy says so. To have it flashed, change that policy and run: reflashctl reload") \
X(REFUSED,     "06a3cb9e437248b6b9f2e5d3f71c86ae", \
  "Nothing has been done to the device. To see why, and what to do: reflashctl show ID") \
X(HELD,        "51fb356eff584ffba9c72dd1efa4d5e9", \
  "To see what it is waiting for: reflashctl show ID") \
X(PROBING,     "a2fba1fb422b4b2d914ca88016cd83d9", \
  "Nothing to do but to wait; reflashctl cancel ID still ends the job") \
X(UNLOCKING,   "a2db31c95aa74536824b1d7eb89e0795", \
  "The device itself needs the Internet for this; reflashctl cancel ID still ends the job") \
X(CONFIRMING,  "e2b4032575d0419dbf84db2560dbd496", \
  "Nothing to do but to wait; reflashctl cancel ID still ends the job") \
X(OFFERING,    "98bb3a1b600e4718ad729c1ce41f7832", \
  "From here on nothing can stop the flash. Do not switch the device off until it has ended") \
X(DOWNLOADING, "01e6e294d0574a379f1daf714bb3d782", \
  "Do not switch the device off. To see its progress: reflashctl watch. A restart of reflashd does no harm") \
X(REBOOTING,   "67d9e50084794dee806fbcd9da4995e7", \
  "Do not switch the device off: it is installing its new firmware") \
X(VERIFYING,   "2b3a440277bc4f628a1f5be617263f98", \
  "Leave the device alone: it is starting its new firmware, and reflashd is looking for it") \
X(FINISHING,   "009613ac6ef6491a8ba3f32de91c88e7", \
  "Leave the device alone: reflashd sends its settings, and reads each of them back") \
X(FLASHED,     "9f544a5ee0294361a04c74cec5fb5ca9", \
  "A Tasmota that does not know your Wi-Fi opens an access point of its own: join it, open http://192.168.4.1 and enter your Wi-Fi. Firmware that knows your Wi-Fi appears by itself. reflashd recognises either when it is back") \
X(VERIFIED,    "d3b4c95fee974d47805fa50fe9bdbbad", \
  "Nothing to do: it is done") \
X(FAILED,      "dde4c3b3c5bb4f14aab2e6b6e61d0633", \
  "To see why, and what to do: reflashctl show ID")

#define MESSAGE_HOLDS(X) \
X(APPROVAL,    "a676b9b2626b48b49f25495563edd25f", \
  "Approve it with: reflashctl approve ID. The approval is for this very image; another file under the same name needs another one") \
X(WINDOW,      "de8896051be641de84fe00dcc205c31a", \
  "It starts by itself when the policy allows it (Window). To start it at once: reflashctl flash ID") \
X(SLOT,        "c6182579e34841e08e959cde2736031c", \
  "It starts by itself when another device is done (MaxParallel in reflashd.conf, and in the policy)") \
X(CANARY,      "7be14af7f825470e9d9dac5846acec67", \
  "It starts by itself once the first devices have succeeded (Canary in the policy). To see how they do: reflashctl devices") \
X(SOAK,        "b2619ff0fa934cb98010f5b4aac94afa", \
  "It starts by itself when that time is over (SoakSec in the policy)") \
X(BACKOFF,     "a33b5cbbcb194467881f681a06e51803", \
  "It is tried again by itself, each time after a longer wait. To see why: reflashctl show ID") \
X(PAUSED,      "459ed579968d489d9a0f34efe18fc9fb", \
  "A person paused it, or too many devices failed (StopAfterFailures in the policy): see reflashctl history. The detail names the command that continues it: reflashctl resume POLICY, or reflashctl resume where everything is paused") \
X(ABSENT,      "fa8229b1f0534203bab20d33441bacfd", \
  "It starts by itself when the device appears again. Check that it has power and is on this network") \
X(NETWORK,     "87fe757e9b724d83afe704d0ca042d85", \
  "It starts by itself when this machine can reach the network of the device again. Check the cable, the switch and the Wi-Fi of this machine; reflashctl status names the problem") \
X(DISK,        "a4b342afbf684a34944777b9a6318b98", \
  "It starts by itself when the state can be saved again. reflashctl status names the problem") \
X(CANCELLED,   "e91856d4665340f5b1e64005837d572f", \
  "Nothing is done to the device, whatever image or policy comes. To let it go on: reflashctl retry ID, or reflashctl flash ID")
/* clang-format on */

/* Return an id, borrowed for ever; REASON_NONE and HOLD_NONE have none. */
const char *message_of_reason(enum reason);
const char *message_of_state(enum state);
const char *message_of_hold(enum hold);

/*
 * Return what to do about a state or a hold; for a reason, the table of reasons
 * says it.
 */
const char *message_state_advice(enum state);
const char *message_hold_advice(enum hold);

#endif
