/* SPDX-License-Identifier: ISC */
/*
 * What Tasmota answers to each setting, in each release: written by hand from
 * its own source, in which support_command.ino and the xdrv_* files have a
 * Cmnd...() for each, and not from what reflashd makes of it.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/tasmota/tasmota_line.h"
#include "core/tasmota/tasmota_compare.h"
#include "core/tasmota/tasmota_value.h"

#include "unit/test.h"

static const char *const versions[] = { "8.1.0", "8.2.0", "8.3.1", "8.4.0",
	"8.5.0", "9.1.0", "9.2.0", "9.3.1", "9.4.0", "9.5.0", "10.1.0",
	"11.1.0", "12.2.0", "13.4.0", "14.2.0", "14.6.0", "15.0.1", "15.2.0",
	"15.5.0" };

/*
 * A line of a policy and the answer of a Tasmota that has taken it.  What is
 * between < and > says so: one character of it changed, and it has not.  The
 * versions are the first and the last with that answer; NULL is all.
 */
struct answer {
	const char *line, *reply, *from, *to;
};

#define UP_TO(v) NULL, v
#define FROM(v)	 v, NULL

/* clang-format off */
static const struct answer answers[] = {
	/* support_command.ino, ResponseCmndNumber(). */
	{ "PowerOnState 3", "{\"PowerOnState\":<3>}", NULL, NULL },
	{ "PowerOnState 0", "{\"PowerOnState\":<0>}", NULL, NULL },
	{ "BlinkTime 20", "{\"BlinkTime\":<20>}", NULL, NULL },
	{ "BlinkCount 0", "{\"BlinkCount\":<0>}", NULL, NULL },
	{ "ButtonDebounce 75", "{\"ButtonDebounce\":<75>}", NULL, NULL },
	{ "SwitchDebounce 50", "{\"SwitchDebounce\":<50>}", NULL, NULL },
	{ "LedState 1", "{\"LedState\":<1>}", NULL, NULL },
	{ "LedPwmOn 200", "{\"LedPwmOn\":<200>}", FROM("8.4.0") },
	{ "LedPwmOff 0", "{\"LedPwmOff\":<0>}", FROM("8.4.0") },
	{ "Altitude 34", "{\"Altitude\":<34>}", NULL, NULL },
	{ "Altitude -12", "{\"Altitude\":<-12>}", NULL, NULL },
	{ "TempRes 2", "{\"TempRes\":<2>}", NULL, NULL },
	{ "HumRes 0", "{\"HumRes\":<0>}", NULL, NULL },
	{ "PressRes 1", "{\"PressRes\":<1>}", NULL, NULL },
	{ "WattRes 3", "{\"WattRes\":<3>}", NULL, NULL },
	{ "VoltRes 1", "{\"VoltRes\":<1>}", NULL, NULL },
	{ "FreqRes 2", "{\"FreqRes\":<2>}", NULL, NULL },
	{ "AmpRes 3", "{\"AmpRes\":<3>}", NULL, NULL },
	{ "EnergyRes 5", "{\"EnergyRes\":<5>}", NULL, NULL },
	{ "WeightRes 1", "{\"WeightRes\":<1>}", NULL, NULL },
	{ "SpeedUnit 2", "{\"SpeedUnit\":<2>}", FROM("8.2.0") },
	{ "DnsTimeout 1000", "{\"DnsTimeout\":<1000>}", FROM("12.2.0") },
	{ "LogPort 514", "{\"LogPort\":<514>}", NULL, NULL },
	{ "SerialDelimiter 255", "{\"SerialDelimiter\":<255>}", NULL, NULL },
	{ "JsonPP 3", "{\"JsonPP\":<3>}", FROM("15.0.1") },
	/* A number in other letters; ON and OFF are numbers, too. */
	{ "BlinkTime 0x14", "{\"BlinkTime\":<20>}", NULL, NULL },
	{ "HumRes off", "{\"HumRes\":<0>}", NULL, NULL },
	/* CmndTeleperiod(): nothing between 0 and 10. */
	{ "TelePeriod 300", "{\"TelePeriod\":<300>}", NULL, NULL },
	{ "TelePeriod 0", "{\"TelePeriod\":<0>}", NULL, NULL },
	{ "TelePeriod 5", "{\"TelePeriod\":<10>}", NULL, NULL },
	/* CmndBaudrate(): / 300 * 300. */
	{ "Baudrate 115200", "{\"Baudrate\":<115200>}", NULL, NULL },
	{ "Baudrate 1000", "{\"Baudrate\":<900>}", NULL, NULL },
	/* CmndPwmfrequency(), CmndPwmrange(): 2^n - 1 since 8.5. */
	{ "PWMFrequency 880", "{\"PWMFrequency\":<880>}", NULL, NULL },
	{ "PWMRange 255", "{\"PWMRange\":<255>}", NULL, NULL },
	{ "PWMRange 1000", "{\"PWMRange\":<1000>}", UP_TO("8.4.0") },
	{ "PWMRange 1000", "{\"PWMRange\":<1023>}", FROM("8.5.0") },
	/* CmndPwm(), MqttShowPWMState(). */
	{ "PWM2 512", "{\"PWM\":{\"PWM1\":1023,\"PWM2\":<512>}}", NULL, NULL },
	/* ResponseCmndIdxNumber(). */
	{ "SwitchMode1 3", "{\"SwitchMode1\":<3>}", NULL, NULL },
	{ "SwitchMode 3", "{\"SwitchMode1\":<3>}", NULL, NULL },
	{ "switchmode2 0", "{\"SwitchMode2\":<0>}", NULL, NULL },

	/* ResponseCmndIdxChar(GetStateText()), CmndSetoptionBase(). */
	{ "SetOption0 1", "{\"SetOption0\":\"<ON>\"}", NULL, NULL },
	{ "SetOption19 0", "{\"SetOption19\":\"<OFF>\"}", NULL, NULL },
	{ "SO19 1", "{\"SetOption19\":\"<ON>\"}", NULL, NULL },
	{ "so65 on", "{\"SetOption65\":\"<ON>\"}", NULL, NULL },
	{ "SetOption32 40", "{\"SetOption32\":<40>}", NULL, NULL },
	{ "SetOption32 1", "{\"SetOption32\":<1>}", NULL, NULL },
	{ "SetOption33 250", "{\"SetOption33\":<250>}", NULL, NULL },
	{ "SetOption45 0", "{\"SetOption45\":<0>}", UP_TO("11.1.0") }, /* P_BISTABLE_PULSE since 12.1 */
	{ "SetOption45 251", "{\"SetOption45\":<251>}", UP_TO("11.1.0") },
	{ "SetOption45 250", "{\"SetOption45\":<250>}", NULL, NULL },
	{ "SetOption36 0", "{\"SetOption36\":<0>}", NULL, NULL },
	{ "SetOption31 1", "{\"SetOption31\":\"<ON>\"}", NULL, NULL },
	{ "SetOption49 2", "{\"SetOption49\":<2>}", NULL, NULL },
	{ "SetOption50 1", "{\"SetOption50\":\"<ON>\"}", NULL, NULL },
	{ "SetOption114 1", "{\"SetOption114\":\"<ON>\"}", FROM("8.5.0") },
	{ "MqttDetachRelay 1", "{\"SetOption114\":\"<ON>\"}", FROM("8.5.0") },
	{ "SetOption147 1", "{\"SetOption147\":\"<ON>\"}", FROM("12.2.0") },
	/* CmndLedPower(), CmndLedPwmMode(). */
	{ "LedPower 1", "{\"LedPower1\":\"<ON>\"}", NULL, NULL },
	{ "LedPower2 0", "{\"LedPower2\":\"<OFF>\"}", NULL, NULL },
	{ "LedPwmMode1 1", "{\"LedPwmMode1\":\"<ON>\"}", FROM("8.4.0") },

	/* S_JSON_COMMAND_NVALUE_ACTIVE_NVALUE, S_JSON_COMMAND_NVALUE_SVALUE. */
	{ "Sleep 50", "{\"Sleep\":{\"<50>\":{\"Active\":\"50\"}}}", NULL, NULL },
	{ "SerialLog 0", "{\"SerialLog\":{\"<0>\":{\"Active\":\"2\"}}}", NULL, NULL },
	{ "SysLog 2", "{\"SysLog\":{\"<2>\":{\"Active\":\"0\"}}}", NULL, NULL },
	{ "Module2 1", "{\"Module2\":{\"<1>\":\"Sonoff Basic\"}}", FROM("8.4.0") },
	{ "Ap 2", "{\"Ap\":{\"<2>\":\"home\"}}", NULL, NULL },
	{ "WifiConfig 4", "{\"WifiConfig\":{\"<4>\":\"Retry\"}}", NULL, NULL },
	/* CmndWifiConfig(): 1 and 3 are WIFI_MANAGER. */
	{ "WifiConfig 3", "{\"WifiConfig\":{\"<2>\":\"WifiManager\"}}", NULL, NULL },

	/* CmndPulsetime(). */
	{ "PulseTime1 105", "{\"PulseTime1\":{\"Set\":<105>,\"Remaining\":0}}", NULL, NULL },
	{ "PulseTime2 0", "{\"PulseTime2\":{\"Set\":<0>,\"Remaining\":7}}", NULL, NULL },
	/* CmndInterlock(). */
	{ "Interlock 1", "{\"Interlock\":\"<ON>\",\"Groups\":\"1,2\"}", NULL, NULL },
	{ "Interlock 0", "{\"Interlock\":\"<OFF>\"}", NULL, NULL },
	{ "Interlock 1,2 4,3", "{\"Interlock\":\"OFF\",\"Groups\":\"<1,2 3,4>\"}", NULL, NULL },
	/* CmndPowerLock(), %*_b. */
	{ "PowerLock1 1", "{\"PowerLock\":\"0<1>\"}", FROM("14.2.0") },
	{ "PowerLock3 1", "{\"PowerLock\":\"<1>00\"}", FROM("14.2.0") },
	{ "PowerLock2 0", "{\"PowerLock\":\"<0>1\"}", FROM("14.2.0") },
	/* CmndGpio(): turned round in 14.6. */
	{ "GPIO4 9", "{\"GPIO1\":{\"0\":\"None\"},\"GPIO4\":{\"<9>\":\"Switch1\"}}", UP_TO("8.5.0") },
	{ "GPIO4 160", "{\"GPIO1\":{\"0\":\"None\"},\"GPIO4\":{\"<160>\":\"Switch1\"}}", "9.1.0", "14.2.0" },
	{ "GPIO4 160", "{\"GPIO1\":{\"None\":0},\"GPIO4\":{\"Switch1\":<160>}}", FROM("14.6.0") },
	/* CmndLedMask(). */
	{ "LedMask 7", "{\"LedMask\":\"<7>\"}", NULL, NULL },
	{ "LedMask 65535", "{\"LedMask\":\"<65535> (0xFFFF)\"}", NULL, NULL },
	{ "LedMask 0x7FFF", "{\"LedMask\":\"<32767> (0x7FFF)\"}", NULL, NULL },
	/* CmndSavedata(). */
	{ "SaveData 1", "{\"SaveData\":\"<ON>\"}", NULL, NULL },
	{ "SaveData 0", "{\"SaveData\":\"<OFF>\"}", NULL, NULL },
	{ "SaveData 3600", "{\"SaveData\":\"Every <3600> Second\"}", NULL, NULL },
	/* GetSerialConfig(). */
	{ "SerialConfig 8N1", "{\"SerialConfig\":\"<8N1>\"}", NULL, NULL },
	{ "SerialConfig 3", "{\"SerialConfig\":\"<8N1>\"}", NULL, NULL },
	{ "SerialConfig 7e2", "{\"SerialConfig\":\"<7E2>\"}", NULL, NULL },
	/* XsnsSensorState(). */
	{ "SetSensor5 1", "{\"SetSensor\":\"1,2,<5>,!6\"}", FROM("10.1.0") },
	{ "WebSensor6 0", "{\"WebSensor\":\"1,2,5,<!6>\"}", NULL, NULL },

	/* dtostrfd(), %*_f: one decimal, or six. */
	{ "TempOffset -1.5", "{\"TempOffset\":<-1.5>}", NULL, NULL },
	{ "TempOffset 2", "{\"TempOffset\":<2.0>}", NULL, NULL },
	{ "TempOffset 0.77", "{\"TempOffset\":<0.7>}", NULL, NULL },
	{ "HumOffset 3", "{\"HumOffset\":<3.0>}", FROM("8.2.0") },
	/* CmndWifiPower(): a number, then a string, then a number. */
	{ "WifiPower 17", "{\"WifiPower\":<17.0>}", UP_TO("8.1.0") },
	{ "WifiPower 17", "{\"WifiPower\":\"<17.0>\"}", "8.2.0", "12.2.0" },
	{ "WifiPower 17", "{\"WifiPower\":<17.0>}", FROM("13.4.0") },
	{ "WifiPower 20.5", "{\"WifiPower\":\"<20.5>\"}", "8.2.0", "12.2.0" },
	{ "WifiPower 1", "{\"WifiPower\":\"<1.0>\"}", "8.2.0", "12.2.0" },
	{ "WifiPower 0", "{\"WifiPower\":\"<0.0>\"}", "8.2.0", "12.2.0" },
	/* Since 13.0: MAX_TX_PWR_DBM_11b is 200, and 10 is MAX_TX_PWR_DBM_54g. */
	{ "WifiPower 20", "{\"WifiPower\":<20.0>}", FROM("13.4.0") },
	{ "WifiPower 20.1", "{\"WifiPower\":<20.0>}", FROM("13.4.0") },
	{ "WifiPower 20.5", "{\"WifiPower\":<20.0>}", FROM("13.4.0") },
	{ "WifiPower 1", "{\"WifiPower\":<17.0>}", FROM("13.4.0") },
	{ "WifiPower 1.09", "{\"WifiPower\":<17.0>}", FROM("13.4.0") },
	{ "WifiPower 1.1", "{\"WifiPower\":<1.1>}", FROM("13.4.0") },
	{ "WifiPower 0.9", "{\"WifiPower\":<0.9>}", FROM("13.4.0") },
	{ "WifiPower 0.1", "{\"WifiPower\":<0.1>}", FROM("13.4.0") },
	/* CmndLatitude(), CmndLongitude(): a float, cut to a number. */
	{ "Latitude 52.52", "{\"Latitude\":<52.52>0000}", NULL, NULL },
	{ "Latitude 52.52", "{\"Latitude\":<52.52>0004}", NULL, NULL },
	{ "Latitude 48.858360", "{\"Latitude\":<48.858>360}", NULL, NULL },
	{ "Longitude -0.1257", "{\"Longitude\":<-0.1257>00}", NULL, NULL },
	{ "Longitude 13", "{\"Longitude\":<13.0>00000}", NULL, NULL },
	/* CmndTimezone(): "%+03d:%02d", or 99. */
	{ "Timezone 1", "{\"Timezone\":\"<+01:00>\"}", NULL, NULL },
	{ "Timezone +01:00", "{\"Timezone\":\"<+01:00>\"}", NULL, NULL },
	{ "Timezone -3:30", "{\"Timezone\":\"<-03:30>\"}", NULL, NULL },
	{ "Timezone 0", "{\"Timezone\":\"<+00:00>\"}", NULL, NULL },
	{ "Timezone 99", "{\"Timezone\":<99>}", NULL, NULL },
	/* CmndTimeStdDst(). */
	{ "TimeStd 0,0,10,1,3,60", "{\"TimeStd\":{\"Hemisphere\":<0>,\"Week\":<0>,\"Month\":<10>,\"Day\":<1>,\"Hour\":<3>,\"Offset\":<60>}}", NULL, NULL },
	{ "TimeDst 0, 0, 3, 1, 2, 120", "{\"TimeDst\":{\"Hemisphere\":<0>,\"Week\":<0>,\"Month\":<3>,\"Day\":<1>,\"Hour\":<2>,\"Offset\":<120>}}", NULL, NULL },
	{ "TimeDst ,,,,,-60", "{\"TimeDst\":{\"Hemisphere\":1,\"Week\":2,\"Month\":3,\"Day\":1,\"Hour\":2,\"Offset\":<-60>}}", NULL, NULL },
	{ "Sunrise 1", "{\"Sunrise\":<1>}", FROM("12.2.0") },

	/* xdrv_09_timers.ino: CmndTimers(), PrepShowTimer(); Arm up to 8.3.1. */
	{ "Timers 1", "{\"Timers\":\"<ON>\",\"Timers1\":{\"Timer1\":{\"Arm\":0}}}", UP_TO("8.3.1") },
	{ "Timers 1", "{\"Timers\":\"<ON>\",\"Timers1\":{\"Timer1\":{\"Enable\":0}}}", "8.4.0", "9.4.0" },
	{ "Timers 1", "{\"Timers\":\"<ON>\",\"Timer1\":{\"Enable\":0}}", FROM("9.5.0") },
	{ "Timer1 {\"Arm\":1,\"Time\":\"6:30\",\"Days\":\"-MTWTF-\",\"Action\":1}",
	    "{\"Timer1\":{\"Arm\":<1>,\"Mode\":0,\"Time\":\"<06:30>\",\"Window\":0,\"Days\":\"<0111110>\",\"Repeat\":1,\"Output\":1,\"Action\":<1>}}", UP_TO("8.3.1") },
	{ "Timer1 {\"Enable\":1,\"Time\":\"6:30\",\"Days\":\"-MTWTF-\",\"Action\":1}",
	    "{\"Timer1\":{\"Enable\":<1>,\"Mode\":0,\"Time\":\"<06:30>\",\"Window\":0,\"Days\":\"<0111110>\",\"Repeat\":1,\"Output\":1,\"Action\":<1>}}", FROM("8.4.0") },
	{ "Timer16 {\"enable\":0,\"mode\":1,\"time\":\"-01:15\",\"window\":3,\"repeat\":1,\"output\":1}",
	    "{\"Timer16\":{\"Enable\":<0>,\"Mode\":<1>,\"Time\":\"<-01:15>\",\"Window\":<3>,\"Days\":\"0000000\",\"Repeat\":<1>,\"Output\":<1>,\"Action\":0}}", FROM("8.4.0") },
	/* The bits of struct Timer; Arm and Enable are one. */
	{ "Timer3 {\"Enable\":4,\"Mode\":5,\"Window\":28,\"Repeat\":4,\"Output\":17,\"Action\":7}",
	    "{\"Timer3\":{\"Enable\":<1>,\"Mode\":<1>,\"Time\":\"00:00\",\"Window\":<12>,\"Days\":\"0000000\",\"Repeat\":<1>,\"Output\":<1>,\"Action\":<3>}}", FROM("8.4.0") },
	{ "Timer3 {\"Output\":16,\"Window\":16}", "{\"Timer3\":{\"Window\":<0>,\"Output\":<16>}}", NULL, NULL },
	{ "Timer3 {\"Output\":0,\"Enable\":0}", "{\"Timer3\":{\"Enable\":<0>,\"Output\":<16>}}", NULL, NULL },
	{ "Timer3 {\"Enable\":1}", "{\"Timer3\":{\"Arm\":<1>}}", UP_TO("8.3.1") },
	{ "Timer3 {\"Arm\":1}", "{\"Timer3\":{\"Enable\":<1>}}", FROM("8.4.0") },
	{ "Timer2 0", "{\"Timer2\":{\"Enable\":<0>,\"Mode\":0,\"Time\":\"<00:00>\",\"Window\":<0>,\"Days\":\"<0000000>\",\"Repeat\":<0>,\"Output\":1,\"Action\":<0>}}", FROM("8.4.0") },

	/* CmndIpAddress(): the first has the address in use behind it. */
	{ "IPAddress1 192.168.1.5", "{\"IPAddress1\":\"<192.168.1.5> (192.168.1.23)\"}", UP_TO("9.1.0") },
	{ "IPAddress1 192.168.1.5", "{\"IPAddress1\":\"<192.168.1.5> 192.168.1.23\"}", "9.2.0", "9.2.0" },
	{ "IPAddress1 192.168.1.5", "{\"IPAddress1\":\"<192.168.1.5> (192.168.1.23)\"}", FROM("9.3.1") },
	{ "IPAddress 0.0.0.0", "{\"IPAddress1\":\"<0.0.0.0> (192.168.1.23)\"}", FROM("9.3.1") },
	{ "IPAddress2 192.168.1.1", "{\"IPAddress2\":\"<192.168.1.1>\"}", NULL, NULL },
	{ "IPAddress5 9.9.9.9", "{\"IPAddress5\":\"<9.9.9.9>\"}", FROM("10.1.0") },
	/* CmndWifi(): with its mode since 9.5. */
	{ "Wifi 1", "{\"Wifi\":\"<ON>\"}", "8.4.0", "9.1.0" },
	{ "Wifi 1", "{\"Wifi\":\"<ON>\"}", "9.4.0", "9.4.0" },
	{ "Wifi 1", "{\"Wifi\":\"<ON>\",\"Mode\":\"11n\"}", FROM("9.5.0") },
	{ "Wifi 2", "{\"Wifi\":\"ON\",\"Mode\":\"<11b>\"}", FROM("9.5.0") },
	{ "Wifi 3", "{\"Wifi\":\"ON\",\"Mode\":\"<11g>\"}", FROM("9.5.0") },
	{ "Wifi 4", "{\"Wifi\":\"OFF\",\"Mode\":\"<11n>\"}", FROM("9.5.0") },
	/* Texts: CmndSsid(), CmndHostname(), CmndNtpServer(), CmndLoghost(). */
	{ "SSId1 home net", "{\"SSId1\":\"<home net>\"}", NULL, NULL },
	{ "SSId2 0", "{\"SSId2\":\"\"}", NULL, NULL },
	/* CmndBSsid(): kept as it is where it has 17 letters. */
	{ "BSSId1 18:E8:29:CA:17:C1", "{\"BSSId1\":\"<18:E8:29:CA:17:C1>\"}", FROM("15.5.0") },
	{ "BSSId2 18:e8:29:ca:17:c1", "{\"BSSId2\":\"<18:e8:29:ca:17:c1>\"}", FROM("15.5.0") },
	{ "BSSId1 0", "{\"BSSId1\":\"\"}", FROM("15.5.0") },
	{ "Hostname hall-plug", "{\"Hostname\":\"<hall-plug>\"}", NULL, NULL },
	{ "Hostname %s-%04d", "{\"Hostname\":\"<%s-%04d>\"}", NULL, NULL },
	{ "NtpServer1 pool.ntp.org", "{\"NtpServer1\":\"<pool.ntp.org>\"}", NULL, NULL },
	{ "NtpServer 192,168,1,1", "{\"NtpServer1\":\"<192.168.1.1>\"}", NULL, NULL },
	{ "NtpServer3 \"", "{\"NtpServer3\":\"\"}", NULL, NULL },
	{ "LogHost 192.168.1.2", "{\"LogHost\":\"<192.168.1.2>\"}", NULL, NULL },
	{ "DeviceName Hall", "{\"DeviceName\":\"<Hall>\"}", FROM("8.3.1") },
	{ "DeviceName \"", "{\"DeviceName\":\"\"}", FROM("8.3.1") },
	{ "FriendlyName1 Hall light", "{\"FriendlyName1\":\"<Hall light>\"}", NULL, NULL },
	{ "FriendlyName Hall", "{\"FriendlyName1\":\"<Hall>\"}", NULL, NULL },
	{ "FN2 Lamp", "{\"FriendlyName2\":\"<Lamp>\"}", NULL, NULL },
	{ "FriendlyName1 0", "{\"FriendlyName1\":\"<0>\"}", NULL, NULL },
	{ "FriendlyName1 \xd0\x9a\xd1\x83\xd1\x85\xd0\xbd\xd1\x8f", "{\"FriendlyName1\":\"<\xd0\x9a\xd1\x83\xd1\x85\xd0\xbd\xd1\x8f>\"}", NULL, NULL },
	/* Quotation marks and backslashes as they are up to 8.3.1. */
	{ "FriendlyName1 say \"hi\"", "{\"FriendlyName1\":\"<say \"hi\">\"}", UP_TO("8.3.1") },
	{ "FriendlyName1 say \"hi\"", "{\"FriendlyName1\":\"<say> \\\"<hi>\\\"\"}", FROM("8.4.0") },
	{ "FriendlyName1 a\\b", "{\"FriendlyName1\":\"<a\\b>\"}", UP_TO("8.3.1") },
	{ "FriendlyName1 a\\b", "{\"FriendlyName1\":\"<a>\\\\<b>\"}", FROM("8.4.0") },
	/* CmndSwitchText(): RemoveSpace(). */
	{ "SwitchText1 is open", "{\"SwitchText1\":\"<isopen>\"}", FROM("9.1.0") },

	/* xdrv_02_mqtt.ino. */
	{ "MqttHost broker.lan", "{\"MqttHost\":\"<broker.lan>\"}", NULL, NULL },
	{ "MqttPort 1884", "{\"MqttPort\":<1884>}", NULL, NULL },
	{ "MqttUser tasmota", "{\"MqttUser\":\"<tasmota>\"}", NULL, NULL },
	{ "MqttUser 0", "{\"MqttUser\":\"\"}", NULL, NULL },
	{ "MqttClient hall_%06X", "{\"MqttClient\":\"<hall_%06X>\"}", NULL, NULL },
	{ "MqttRetry 30", "{\"MqttRetry\":<30>}", NULL, NULL },
	{ "MqttKeepAlive 30", "{\"MqttKeepAlive\":<30>}", FROM("9.4.0") },
	{ "MqttTimeout 4", "{\"MqttTimeout\":<4>}", FROM("9.4.0") },
	{ "MqttWifiTimeout 250", "{\"MqttWifiTimeout\":<200>}", FROM("9.5.0") },
	{ "MqttFingerprint1 DA 39 A3 EE 5E 6B 4B 0D 32 55 BF EF 95 60 18 90 AF D8 07 09", "{\"MqttFingerprint1\":\"<DA 39 A3 EE 5E 6B 4B 0D 32 55 BF EF 95 60 18 90 AF D8 07 09>\"}", NULL, NULL },
	/* strtol(p, &p, 16) twenty times: what is left out is 0. */
	{ "MqttFingerprint2 da 39 a", "{\"MqttFingerprint2\":\"<DA 39 0A 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00>\"}", NULL, NULL },
	{ "MqttFingerprint1 0", "{\"MqttFingerprint1\":\"<00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00>\"}", NULL, NULL },
	{ "MqttFingerprint1 \"", "{\"MqttFingerprint1\":\"<00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00>\"}", NULL, NULL },
	{ "MqttLog 2", "{\"MqttLog\":<2>}", NULL, NULL },
	/* MakeValidMqtt(): '_' for a blank, '+' and '#', or nothing. */
	{ "Topic hall", "{\"Topic\":\"<hall>\"}", NULL, NULL },
	{ "Topic hall plug+1#", "{\"Topic\":\"<hall_plug_1_>\"}", NULL, NULL },
	{ "Topic plug_%06X", "{\"Topic\":\"<plug_%06X>\"}", NULL, NULL },
	{ "FullTopic %prefix%/home/%topic%/", "{\"FullTopic\":\"<%prefix%/home/%topic%/>\"}", NULL, NULL },
	{ "FullTopic %prefix%/my home/%topic%/", "{\"FullTopic\":\"<%prefix%/myhome/%topic%/>\"}", NULL, NULL },
	{ "Prefix1 my cmnd", "{\"Prefix1\":\"<my_cmnd>\"}", NULL, NULL },
	{ "ButtonTopic 0", "{\"ButtonTopic\":\"\"}", NULL, NULL },
	{ "ButtonTopic other plug", "{\"ButtonTopic\":\"<other_plug>\"}", NULL, NULL },
	{ "SwitchTopic lamps", "{\"SwitchTopic\":\"<lamps>\"}", NULL, NULL },
	/* CmndGroupTopic(): all four since 8.3, sorted. */
	{ "GroupTopic1 lamps", "{\"GroupTopic\":\"<lamps>\"}", UP_TO("8.2.0") },
	{ "GroupTopic1 lamps", "{\"GroupTopic1\":\"<lamps>\",\"GroupTopic2\":\"\",\"GroupTopic3\":\"\",\"GroupTopic4\":\"\"}", FROM("8.3.1") },
	{ "GroupTopic3 attic", "{\"GroupTopic1\":\"lamps\",\"GroupTopic2\":\"<attic>\",\"GroupTopic3\":\"\",\"GroupTopic4\":\"\"}", FROM("8.3.1") },
	/* CmndStateText(): '_' for a blank. */
	{ "StateText1 is off", "{\"StateText1\":\"<is_off>\"}", NULL, NULL },
	{ "StateText2 1", "{\"StateText2\":\"<1>\"}", NULL, NULL },
	{ "StateText1 0", "{\"StateText1\":\"<0>\"}", NULL, NULL },
	/* ResponseCmndStateText(). */
	{ "ButtonRetain 1", "{\"ButtonRetain\":\"<ON>\"}", NULL, NULL },
	{ "SwitchRetain 0", "{\"SwitchRetain\":\"<OFF>\"}", NULL, NULL },
	{ "PowerRetain 1", "{\"PowerRetain\":\"<ON>\"}", NULL, NULL },
	{ "SensorRetain 0", "{\"SensorRetain\":\"<OFF>\"}", NULL, NULL },
	{ "InfoRetain 1", "{\"InfoRetain\":\"<ON>\"}", FROM("9.3.1") },
	{ "StateRetain 1", "{\"StateRetain\":\"<ON>\"}", FROM("9.3.1") },
	{ "StatusRetain 1", "{\"StatusRetain\":\"<ON>\"}", FROM("12.2.0") },

	/* xdrv_01_webserver.ino; CmndStatus() for the web server. */
	{ "WebServer 2", "{\"StatusNET\":{\"Hostname\":\"tasmota\",\"Mac\":\"5C:CF:7F:0A:5B:F6\",\"Webserver\":<2>,\"WifiConfig\":4}}", NULL, NULL },
	{ "WebLog 2", "{\"WebLog\":<2>}", NULL, NULL },
	{ "WebRefresh 2345", "{\"WebRefresh\":<2345>}", NULL, NULL },
	{ "WebButton1 Hall", "{\"WebButton1\":\"<Hall>\"}", NULL, NULL },
	{ "WebButton16 \"", "{\"WebButton16\":\"\"}", NULL, NULL },
	{ "WebColor2 #fa0", "{\"WebColor\":[\"#eaeaea\",\"#<ffaa00>\",\"#000000\"]}", NULL, NULL },
	{ "WebColor {\"WebColor\":[\"#000\",\"#ffffff\"]}", "{\"WebColor\":[\"#<000000>\",\"#<ffffff>\",\"#f2f2f2\"]}", NULL, NULL },
	{ "WebTime 0,16", "{\"WebTime\":[<0>,<16>],\"Time\":\"2026-01-31T13:05\"}", FROM("11.1.0") },
	{ "WebTime 0x0B 19", "{\"WebTime\":[<11>,<19>],\"Time\":\"13:05:30\"}", FROM("11.1.0") },
	{ "WebCanvas linear-gradient(#f00, #0f0)", "{\"WebCanvas\":\"<linear-gradient(#f00, #0f0)>\"}", FROM("13.4.0") },
	{ "CORS *", "{\"CORS\":\"<*>\"}", NULL, NULL },
	{ "Emulation 2", "{\"Emulation\":<2>}", NULL, NULL },

	/* xdrv_10_rules.ino: flat up to 9.3.1, without escapes up to 8.2. */
	{ "Rule1 ON Power1#State=1 DO Backlog Delay 5; Power1 0 ENDON",
	    "{\"Rule1\":\"OFF\",\"Once\":\"OFF\",\"StopOnError\":\"OFF\",\"Free\":458,\"Rules\":\"<ON Power1#State=1 DO Backlog Delay 5; Power1 0 ENDON>\"}", UP_TO("8.2.0") },
	{ "Rule1 ON Power1#State=1 DO Backlog Delay 5; Power1 0 ENDON",
	    "{\"Rule1\":\"OFF\",\"Once\":\"OFF\",\"StopOnError\":\"OFF\",\"Length\":53,\"Free\":458,\"Rules\":\"<ON Power1#State=1 DO Backlog Delay 5; Power1 0 ENDON>\"}", "8.3.1", "9.3.1" },
	{ "Rule1 ON Power1#State=1 DO Backlog Delay 5; Power1 0 ENDON",
	    "{\"Rule1\":{\"State\":\"OFF\",\"Once\":\"OFF\",\"StopOnError\":\"OFF\",\"Length\":53,\"Free\":458,\"Rules\":\"<ON Power1#State=1 DO Backlog Delay 5; Power1 0 ENDON>\"}}", FROM("9.4.0") },
	{ "Rule2 on x do publish a {\"b\":1} endon", "{\"Rule2\":\"OFF\",\"Once\":\"OFF\",\"StopOnError\":\"OFF\",\"Free\":458,\"Rules\":\"<on x do publish a {\"b\":1} endon>\"}", UP_TO("8.2.0") },
	{ "Rule2 on x do publish a {\"b\":1} endon", "{\"Rule2\":\"OFF\",\"Once\":\"OFF\",\"StopOnError\":\"OFF\",\"Length\":1,\"Free\":458,\"Rules\":\"<on x do publish a {>\\\"<b>\\\"<:1} endon>\"}", "8.3.1", "9.3.1" },
	{ "Rule1 1", "{\"Rule1\":\"<ON>\",\"Once\":\"OFF\",\"StopOnError\":\"OFF\",\"Free\":511,\"Rules\":\"\"}", UP_TO("9.3.1") },
	{ "Rule1 1", "{\"Rule1\":{\"State\":\"<ON>\",\"Once\":\"OFF\",\"StopOnError\":\"OFF\",\"Length\":0,\"Free\":511,\"Rules\":\"\"}}", FROM("9.4.0") },
	{ "Rule1 5", "{\"Rule1\":\"OFF\",\"Once\":\"<ON>\",\"StopOnError\":\"OFF\",\"Free\":511,\"Rules\":\"\"}", UP_TO("9.3.1") },
	{ "Rule1 4", "{\"Rule1\":\"ON\",\"Once\":\"<OFF>\",\"StopOnError\":\"ON\",\"Free\":511,\"Rules\":\"\"}", UP_TO("9.3.1") },
	{ "Rule1 0", "{\"Rule1\":{\"State\":\"<OFF>\",\"Once\":\"ON\",\"StopOnError\":\"ON\",\"Length\":0,\"Free\":511,\"Rules\":\"\"}}", FROM("9.4.0") },
	{ "Rule1 9", "{\"Rule1\":{\"State\":\"OFF\",\"Once\":\"OFF\",\"StopOnError\":\"<ON>\",\"Length\":0,\"Free\":511,\"Rules\":\"\"}}", FROM("9.4.0") },
	{ "Rule1 8", "{\"Rule1\":{\"State\":\"ON\",\"Once\":\"ON\",\"StopOnError\":\"<OFF>\",\"Length\":0,\"Free\":511,\"Rules\":\"\"}}", FROM("9.4.0") },
	{ "Rule3 \"", "{\"Rule3\":{\"State\":\"ON\",\"Once\":\"ON\",\"StopOnError\":\"OFF\",\"Length\":0,\"Free\":511,\"Rules\":\"\"}}", FROM("9.4.0") },
	{ "Mem1 20", "{\"Mem1\":\"<20>\"}", NULL, NULL },
	{ "CalcRes 3", "{\"CalcRes\":<3>}", NULL, NULL },

	/* xdrv_04_light.ino. */
	{ "Fade 1", "{\"Fade\":\"<ON>\"}", NULL, NULL },
	{ "Speed 5", "{\"Speed\":<5>}", NULL, NULL },
	{ "LedTable 1", "{\"LedTable\":\"<ON>\"}", NULL, NULL },
	{ "DimmerRange 100,10", "{\"DimmerRange\":{\"Min\":<10>,\"Max\":<100>}}", NULL, NULL },
	{ "DimmerStep 10", "{\"DimmerStep\":<10>}", FROM("9.1.0") },
	{ "WakeUpDuration 60", "{\"WakeUpDuration\":<60>}", NULL, NULL },
	/* CmndRgbwwTable(): the first ones are set, and all five answered. */
	{ "RGBWWTable 255,255,200", "{\"RGBWWTable1\":\"<255,255,200>,255,255\"}", UP_TO("8.1.0") },
	{ "RGBWWTable 255,255,200", "{\"RGBWWTable\":\"<255,255,200>,255,255\"}", FROM("8.2.0") },
	{ "RGBWWTable 255 254, 0,10,7", "{\"RGBWWTable\":\"<255,254,0,10,7>\"}", FROM("8.2.0") },
	{ "RGBWWTable 90", "{\"RGBWWTable\":\"<90>,255,255,255,255\"}", FROM("8.2.0") },

	/* xdrv_07_domoticz.ino: another prefix since 8.4. */
	{ "DomoticzIdx1 5", "{\"DomoticzIdx1\":<5>}", UP_TO("8.3.1") },
	{ "DomoticzKeyIdx1 5", "{\"DomoticzKeyIdx1\":<5>}", UP_TO("8.3.1") },
	{ "DomoticzSwitchIdx1 5", "{\"DomoticzSwitchIdx1\":<5>}", UP_TO("8.3.1") },
	{ "DomoticzSensorIdx2 5", "{\"DomoticzSensorIdx2\":<5>}", UP_TO("8.3.1") },
	{ "DomoticzUpdateTimer 60", "{\"DomoticzUpdateTimer\":<60>}", UP_TO("8.3.1") },
	{ "DzIdx1 5", "{\"DzIdx1\":<5>}", FROM("8.4.0") },
	{ "DzKeyIdx1 5", "{\"DzKeyIdx1\":<5>}", FROM("8.4.0") },
	{ "DzSwitchIdx1 5", "{\"DzSwitchIdx1\":<5>}", FROM("8.4.0") },
	{ "DzSensorIdx2 5", "{\"DzSensorIdx2\":<5>}", FROM("8.4.0") },
	{ "DzUpdateTimer 60", "{\"DzUpdateTimer\":<60>}", FROM("8.4.0") },

	/* xdrv_03_energy.ino; xsns_01_counter.ino; others of the full build. */
	{ "PowerDelta 10", "{\"PowerDelta\":<10>}", UP_TO("8.4.0") },
	{ "PowerDelta1 10", "{\"PowerDelta1\":<10>}", FROM("8.5.0") },
	{ "PowerLow 5", "{\"PowerLow\":<5>}", NULL, NULL },
	{ "PowerHigh 2000", "{\"PowerHigh\":<2000>}", NULL, NULL },
	{ "VoltageLow 200", "{\"VoltageLow\":<200>}", NULL, NULL },
	{ "VoltageHigh 250", "{\"VoltageHigh\":<250>}", NULL, NULL },
	{ "CurrentLow 10", "{\"CurrentLow\":<10>}", NULL, NULL },
	{ "CurrentHigh 9000", "{\"CurrentHigh\":<9000>}", NULL, NULL },
	{ "MaxPower 3000", "{\"MaxPower\":<3000>}", NULL, NULL },
	{ "MaxPowerHold 20", "{\"MaxPowerHold\":<20>}", NULL, NULL },
	{ "MaxPowerWindow 20", "{\"MaxPowerWindow\":<20>}", NULL, NULL },
	{ "MaxEnergy 500", "{\"MaxEnergy\":<500>}", NULL, NULL },
	{ "MaxEnergyStart 6", "{\"MaxEnergyStart\":<6>}", NULL, NULL },
	{ "CounterType1 1", "{\"CounterType1\":<1>}", NULL, NULL },
	{ "CounterDebounce 50", "{\"CounterDebounce\":<50>}", NULL, NULL },
	{ "SBaudrate 9600", "{\"SBaudrate\":<9600>}", NULL, NULL },
	{ "SSerialConfig 8N1", "{\"SSerialConfig\":\"<8N1>\"}", FROM("11.1.0") },
	/* CmndPowerCal(); since 13.0 EnergyCommandCalSetResponse(). */
	{ "PowerCal 12530", "{\"PowerCal\":<12530>}", NULL, NULL },
	{ "VoltageCal 1000", "{\"VoltageCal\":<1000>}", NULL, NULL },
	{ "CurrentCal 3500", "{\"CurrentCal\":<3500>}", NULL, NULL },
	{ "FrequencyCal 10000", "{\"FrequencyCal\":<10000>}", FROM("9.4.0") },
	{ "PowerCal 40000", "{\"PowerCal\":<40000>}", FROM("9.4.0") },
	{ "PowerCal 100", "{\"PowerCal\":<100>}", FROM("13.4.0") },
	{ "PowerCal 12530", "{\"PowerCal\":[<12530>,12000]}", FROM("13.4.0") },
	/* CmndTariff(), GetMinuteTime(). */
	{ "Tariff1 22:00,23:00", "{\"Tariff\":{\"Off-Peak\":{\"STD\":\"<22:00>\",\"DST\":\"<23:00>\"},\"Standard\":{\"STD\":\"06:00\",\"DST\":\"07:00\"},\"Weekend\":\"OFF\"}}", UP_TO("12.2.0") },
	{ "Tariff1 22:00,23:00", "{\"Tariff\":{\"Off-Peak\":{\"STD\":\"<22:00>\",\"DST\":\"<23:00>\"},\"Standard\":{\"STD\":\"06:00\",\"DST\":\"07:00\"},\"Weekend\":\"OFF\",\"Forced\":\"0\"}}", FROM("13.4.0") },
	{ "Tariff2 6:30 0:15", "{\"Tariff\":{\"Off-Peak\":{\"STD\":\"22:00\",\"DST\":\"23:00\"},\"Standard\":{\"STD\":\"<06:30>\",\"DST\":\"<00:15>\"},\"Weekend\":\"OFF\"}}", NULL, NULL },
	{ "Tariff2 1320, 7", "{\"Tariff\":{\"Off-Peak\":{\"STD\":\"22:00\",\"DST\":\"23:00\"},\"Standard\":{\"STD\":\"<22:00>\",\"DST\":\"<07:00>\"},\"Weekend\":\"OFF\"}}", NULL, NULL },
	{ "Tariff1 60", "{\"Tariff\":{\"Off-Peak\":{\"STD\":\"<01:00>\",\"DST\":\"23:00\"},\"Standard\":{\"STD\":\"06:00\",\"DST\":\"07:00\"},\"Weekend\":\"OFF\"}}", NULL, NULL },
	{ "Tariff9 1", "{\"Tariff\":{\"Off-Peak\":{\"STD\":\"22:00\",\"DST\":\"23:00\"},\"Standard\":{\"STD\":\"06:00\",\"DST\":\"07:00\"},\"Weekend\":\"<ON>\"}}", NULL, NULL },
	/* CmndDevGroupName() answers with all; CmndDevGroupShare(). */
	{ "DevGroupName2 attic", "{\"DevGroupName1\":\"lamps\",\"DevGroupName2\":\"<attic>\"}", FROM("8.3.1") },
	{ "DevGroupShare 1,0x1F", "{\"DevGroupShare\":{\"In\":\"<1>\",\"Out\":\"<1F>\"}}", FROM("8.2.0") },
	{ "DevGroupShare 31, 4294967295", "{\"DevGroupShare\":{\"In\":\"<1F>\",\"Out\":\"<FFFFFFFF>\"}}", FROM("8.2.0") },
	{ "DevGroupTie1 2", "{\"DevGroupTie1\":<2>}", "9.3.1", "9.3.1" },
	{ "DevGroupTie1 2", "{\"DevGroupTie1\":<2>,\"DevGroupTie2\":0}", FROM("9.4.0") },

	/* What is not compared in a form of its own: the same is the same. */
	{ "NewerThanWeAre 7", "{\"NewerThanWeAre\":<7>}", NULL, NULL },
	{ "NewerThanWeAre on", "{\"NewerThanWeAre\":\"<on>\"}", NULL, NULL },
};

/* Settings that nobody can tell from the answer. */
static const struct answer unclear[] = {
	{ "EnergyConfig 1", "{\"EnergyConfig\":{\"a\":1}}", NULL, NULL },
	{ "AdcParam1 2,32000,10000,3350", "{\"AdcParam1\":[2,32000,10000,3350.0]}", NULL, NULL },
	{ "I2CDriver10 0", "{\"I2CDriver\":\"1,2,!10\"}", NULL, NULL },
	{ "TuyaMCU 11,1", "{\"TuyaMCU\":[{\"fnId\":11,\"dpId\":1}]}", NULL, NULL },
	{ "NewerThanWeAre 7", "{\"NewerThanWeAre\":8}", NULL, NULL },
	{ "NewerThanWeAre 1", "{\"NewerThanWeAre\":\"ON\"}", NULL, NULL },
	{ "NewerThanWeAre 1", "{\"NewerThanWeAre\":{\"1\":2}}", NULL, NULL },
	{ "Topic 1", "{\"Topic\":\"tasmota_%06X\"}", NULL, NULL },
	{ "MqttPort 1", "{\"MqttPort\":1883}", NULL, NULL },
	{ "GroupTopic1 0", "{\"GroupTopic1\":\"attic\",\"GroupTopic2\":\"\"}", NULL, NULL },
	{ "WifiPower 0", "{\"WifiPower\":17.0}", FROM("13.4.0") },
	{ "WebSensor99 0", "{\"WebSensor\":\"1,2\"}", NULL, NULL },
	{ "WifiPower 0.05", "{\"WifiPower\":17.0}", FROM("13.4.0") },
	{ "Wifi 2", "{\"Wifi\":\"ON\"}", FROM("9.5.0") },
	{ "MqttFingerprint1 1", "{\"MqttFingerprint1\":\"DA 39 A3 EE 5E 6B 4B 0D 32 55 BF EF 95 60 18 90 AF D8 07 09\"}", NULL, NULL },
	{ "Timer1 {\"Output\":1}", "{\"Timer1\":{\"Enable\":0}}", NULL, NULL },
};

/* What was not taken, and is answered with something like it. */
static const struct answer others[] = {
	{ "DeviceName Hall", "{\"DeviceName\":\"Hall (old)\"}", NULL, NULL },
	{ "DeviceName Hall", "{\"DeviceName\":\"hall\"}", NULL, NULL },
	{ "DeviceName Hall", "{\"DeviceName\":\"Hall \"}", NULL, NULL },
	{ "DeviceName Hall", "{\"FriendlyName1\":\"Hall\"}", NULL, NULL },
	{ "DeviceName Hall", "{\"Command\":\"Unknown\"}", NULL, NULL },
	{ "DeviceName Hall", "{\"Command\":\"Error\"}", NULL, NULL },
	{ "DeviceName Hall", "{\"Command\":\"Unknown\",\"Input\":\"DeviceName Hall\"}", NULL, NULL },
	{ "DeviceName Hall", "{\"Command\":\"Unknown\",\"DeviceName\":\"Hall\"}", NULL, NULL },
	{ "DeviceName Hall", "{\"Command\":\"Error\",\"DeviceName\":\"Hall\"}", NULL, NULL },
	{ "DeviceName Hall", "{\"WARNING\":\"Enable weblog 2 if response expected\"}", NULL, NULL },
	{ "DeviceName Hall", "<html>Hall</html>", NULL, NULL },
	{ "DeviceName Hall", "", NULL, NULL },
	{ "DeviceName Hall", "{\"DeviceName\":null}", NULL, NULL },
	{ "DeviceName Hall", "{\"DeviceName\":[\"Hall\"]}", NULL, NULL },
	{ "DeviceName Hall", "{\"DeviceName\":{\"Hall\":\"Hall\"}}", NULL, NULL },
	{ "DeviceName \xd0\x9a\xd1\x83\xd1\x85\xd0\xbd\xd1\x8f", "{\"DeviceName\":\"\xd0\x93\xd0\xb0\xd1\x80\xd0\xb0\xd0\xb6\"}", NULL, NULL },
	{ "DeviceName \xd0\x9a", "{\"DeviceName\":\"??\"}", NULL, NULL },
	{ "DeviceName ??", "{\"DeviceName\":\"\xd0\x9a\"}", NULL, NULL },
	{ "DeviceName \xff", "{\"DeviceName\":\"\xfe\"}", NULL, NULL },
	{ "DeviceName \xe9", "{\"DeviceName\":\"\xc3\xa9\"}", NULL, NULL },
	{ "DeviceName a b", "{\"DeviceName\":\"a\tb\"}", NULL, NULL },
	{ "DeviceName 0", "{\"DeviceName\":\"\"}", NULL, NULL },
	{ "DeviceName 1.0", "{\"DeviceName\":\"1\"}", NULL, NULL },
	{ "DeviceName on", "{\"DeviceName\":\"ON\"}", NULL, NULL },
	{ "StateText1 0", "{\"StateText1\":\"OFF\"}", NULL, NULL },
	{ "StateText2 1", "{\"StateText2\":\"ON\"}", NULL, NULL },
	{ "Topic hall plug", "{\"Topic\":\"hall plug\"}", NULL, NULL },
	{ "SetOption1 1", "{\"SetOption11\":\"ON\"}", NULL, NULL },
	{ "SetOption11 1", "{\"SetOption1\":\"ON\"}", NULL, NULL },
	{ "SetOption1 1", "{\"SetOption1\":\"on\"}", NULL, NULL },
	{ "SetOption1 1", "{\"SetOption1\":1}", NULL, NULL },
	{ "FriendlyName2 x", "{\"FriendlyName1\":\"x\"}", NULL, NULL },
	{ "FriendlyName2 x", "{\"FriendlyName\":\"x\"}", NULL, NULL },
	{ "TelePeriod 300", "{\"TelePeriod\":\"300 s\"}", NULL, NULL },
	{ "TelePeriod 3", "{\"TelePeriod\":3}", NULL, NULL },
	{ "Sleep 5", "{\"Sleep\":{\"50\":{\"Active\":\"5\"}}}", NULL, NULL },
	{ "Sleep 50", "{\"Sleep\":50}", NULL, NULL },
	{ "IPAddress2 192.168.1.5", "{\"IPAddress2\":\"192.168.1.5 (x)\"}", NULL, NULL },
	{ "IPAddress1 192.168.1.5", "{\"IPAddress1\":\"192.168.1.50 (192.168.1.5)\"}", NULL, NULL },
	{ "IPAddress1 192.168.1.5", "{\"IPAddress1\":\"0.0.0.0 (192.168.1.5)\"}", NULL, NULL },
	{ "PulseTime1 0", "{\"PulseTime1\":{\"Set\":105,\"Remaining\":0}}", NULL, NULL },
	{ "Timezone 99", "{\"Timezone\":\"+99:00\"}", NULL, NULL },
	{ "Timezone 1", "{\"Timezone\":1}", NULL, NULL },
	{ "Latitude 52.52", "{\"Latitude\":52.520100}", NULL, NULL },
	{ "Latitude 52.52", "{\"Latitude\":-52.520000}", NULL, NULL },
	{ "TempOffset 1.5", "{\"TempOffset\":1.4}", NULL, NULL },
	{ "Rule1 1", "{\"Rule1\":{\"State\":\"OFF\",\"Once\":\"ON\",\"Rules\":\"1\"}}", NULL, NULL },
	{ "Rule1 on a do b endon", "{\"Rule1\":\"on a do b endon\",\"Rules\":\"\"}", NULL, NULL },
	{ "Interlock 1,2", "{\"Interlock\":\"ON\",\"Groups\":\"1,2 3,4\"}", NULL, NULL },
	{ "Interlock 1", "{\"Interlock\":\"OFF\"}", NULL, NULL },
	{ "PowerLock3 1", "{\"PowerLock\":\"11\"}", NULL, NULL },
	{ "PowerLock1 1", "{\"PowerLock\":\"10\"}", NULL, NULL },
	{ "GPIO4 160", "{\"GPIO5\":{\"160\":\"Switch1\"},\"GPIO4\":{\"0\":\"None\"}}", NULL, NULL },
	{ "SaveData 60", "{\"SaveData\":\"Every 3600 Seconds\"}", NULL, NULL },
	{ "GroupTopic2 attic", "{\"GroupTopic1\":\"lamps\",\"GroupTopic2\":\"\"}", NULL, NULL },
	{ "WebServer 2", "{\"StatusNET\":{\"Webserver\":1}}", NULL, NULL },
	{ "WebServer 2", "{\"Webserver\":2}", NULL, NULL },
	{ "Timer1 {\"Days\":\"SMTWTFS\"}", "{\"Timer1\":{\"Days\":\"0111110\"}}", NULL, NULL },
	{ "Timer1 {\"Time\":\"01:15\"}", "{\"Timer1\":{\"Time\":\"-01:15\"}}", NULL, NULL },
	{ "Timer1 {\"Time\":\"01:15\"}", "{\"Timer1\":{\"Time\":75}}", NULL, NULL },
	{ "Timer1 {\"Time\":\"01:15\"}", "{\"Timer1\":{\"Time\":\"1\"}}", NULL, NULL },
	{ "Timer1 {\"Time\":null}", "{\"Timer1\":{\"Time\":\"01:15\"}}", NULL, NULL },
	{ "Timer1 {\"Enable\":1}", "{\"Timer1\":1}", NULL, NULL },
	{ "Timer1 5", "{\"Timer1\":{\"Enable\":5}}", NULL, NULL },
	{ "Timer1 {\"Window\":17}", "{\"Timer1\":{\"Window\":17}}", NULL, NULL },
	{ "Rule1 2", "{\"Rule1\":{\"State\":\"OFF\",\"Once\":\"OFF\",\"StopOnError\":\"OFF\",\"Rules\":\"\"}}", NULL, NULL },
	{ "Rule1 3", "{\"Rule1\":{\"State\":\"ON\",\"Once\":\"ON\",\"StopOnError\":\"ON\",\"Rules\":\"\"}}", NULL, NULL },
	{ "Rule1 10", "{\"Rule1\":{\"State\":\"OFF\",\"Once\":\"OFF\",\"StopOnError\":\"OFF\",\"Rules\":\"\"}}", NULL, NULL },
	{ "NewerThanWeAre 7", "{\"Command\":\"Unknown\"}", NULL, NULL },
	/* CmndWifi(): nothing but 0 and 1 up to 9.4; not there in 9.2 and 9.3. */
	{ "Wifi 2", "{\"Wifi\":\"ON\"}", "8.4.0", "9.4.0" },
	{ "Wifi 1", "{\"Command\":\"Unknown\"}", "9.2.0", "9.3.1" },
	{ "Wifi 3", "{\"Wifi\":\"ON\",\"Mode\":\"11n\"}", FROM("9.5.0") },
	/* CmndSetoptionBase(): ptype 99 leaves the answer as it is, an error. */
	{ "SetOption32 0", "{\"Command\":\"Error\"}", NULL, NULL },
	{ "SetOption33 251", "{\"Command\":\"Error\"}", NULL, NULL },
	{ "SetOption45 0", "{\"Command\":\"Error\"}", FROM("12.2.0") },
	{ "SetOption45 251", "{\"SetOption45\":40}", FROM("12.2.0") },
	/* CmndWifiPower(): other limits since 13.0. */
	{ "WifiPower 1", "{\"WifiPower\":\"17.0\"}", "8.2.0", "12.2.0" },
	{ "WifiPower 0", "{\"WifiPower\":\"17.0\"}", "8.2.0", "12.2.0" },
	{ "WifiPower 20.5", "{\"WifiPower\":20.5}", FROM("13.4.0") },
	{ "WifiPower 1", "{\"WifiPower\":1.0}", FROM("13.4.0") },
	/* CmndBSsid(), CmndMqttFingerprint(). */
	{ "BSSId1 18:E8:29:CA:17:C1", "{\"BSSId1\":\"\"}", FROM("15.5.0") },
	{ "BSSId1 0", "{\"BSSId1\":\"18:E8:29:CA:17:C1\"}", FROM("15.5.0") },
	{ "MqttFingerprint1 DA", "{\"MqttFingerprint1\":\"DA 39 A3 EE 5E 6B 4B 0D 32 55 BF EF 95 60 18 90 AF D8 07 09\"}", NULL, NULL },
	{ "MqttFingerprint1 DA", "{\"MqttFingerprint1\":218}", NULL, NULL },
	/* CmndPowerCal(): from 1000, up to 32000 before 9.4; from 100 since 13.0. */
	{ "PowerCal 500", "{\"PowerCal\":12530}", UP_TO("12.2.0") },
	{ "PowerCal 40000", "{\"PowerCal\":12530}", UP_TO("9.3.1") },
	{ "PowerCal 12000", "{\"PowerCal\":[12530,12000]}", FROM("13.4.0") },
	{ "PowerCal 12530", "{\"PowerCal\":[]}", FROM("13.4.0") },
	/* CmndTariff(): 0 and 1 are OFF and ON since 13.0, and no time. */
	{ "Tariff1 0:30,1:30", "{\"Tariff\":{\"Off-Peak\":{\"STD\":\"22:00\",\"DST\":\"23:00\"},\"Standard\":{\"STD\":\"00:30\",\"DST\":\"01:30\"},\"Weekend\":\"OFF\",\"Forced\":\"0\"}}", FROM("13.4.0") },
	{ "Tariff2 22:00,23:00", "{\"Tariff\":{\"Off-Peak\":{\"STD\":\"22:00\",\"DST\":\"23:00\"},\"Standard\":{\"STD\":\"22:00\",\"DST\":\"07:00\"},\"Weekend\":\"OFF\"}}", NULL, NULL },
	{ "Tariff1 x", "{\"Tariff\":{\"Off-Peak\":{\"STD\":\"00:00\",\"DST\":\"00:00\"},\"Weekend\":\"OFF\"}}", NULL, NULL },
	{ "Tariff9 1", "{\"Tariff\":{\"Off-Peak\":{\"STD\":\"22:00\",\"DST\":\"23:00\"},\"Weekend\":\"OFF\"}}", NULL, NULL },
	/* CmndRgbwwTable(), CmndDevGroupShare(), CmndWebTime(), CmndDimmerRange(). */
	{ "RGBWWTable 255,255,200", "{\"RGBWWTable\":\"255,255,255,255,200\"}", FROM("8.2.0") },
	{ "RGBWWTable 255,255,200", "{\"RGBWWTable\":\"255,255\"}", FROM("8.2.0") },
	{ "RGBWWTable x", "{\"RGBWWTable\":\"0,0,0,0,0\"}", FROM("8.2.0") },
	{ "DevGroupShare FF FF", "{\"DevGroupShare\":{\"In\":\"0\",\"Out\":\"0\"}}", FROM("8.2.0") },
	{ "WebTime 0,25", "{\"WebTime\":[0,19],\"Time\":\"2026-01-31T13:05:30\"}", FROM("11.1.0") },
	{ "DimmerRange x,y", "{\"DimmerRange\":{\"Min\":0,\"Max\":0}}", NULL, NULL },
	/* CmndLedPower(): without a link LED all of them are the first one. */
	{ "LedPower2 0", "{\"LedPower1\":\"OFF\"}", NULL, NULL },
	/* Almost the form of the answer. */
	{ "LedMask 65535", "{\"LedMask\":\"65535x\"}", NULL, NULL },
	{ "LedMask 65535", "{\"LedMask\":65535}", NULL, NULL },
	{ "LedMask 0", "{\"LedMask\":\" (0x0000)\"}", NULL, NULL },
	{ "LedMask x", "{\"LedMask\":\"0 (0x0000)\"}", NULL, NULL },
	{ "SaveData 60", "{\"SaveData\":\"Every\"}", NULL, NULL },
	{ "SaveData 60", "{\"SaveData\":60}", NULL, NULL },
	{ "SaveData 2", "{\"SaveData\":\"ON\"}", NULL, NULL },
	{ "DevGroupShare 0,0", "{\"DevGroupShare\":{\"In\":\"\",\"Out\":\"0\"}}", FROM("8.2.0") },
	{ "DevGroupShare 0,0", "{\"DevGroupShare\":{\"In\":\"0\",\"Out\":\"0g\"}}", FROM("8.2.0") },
	{ "DevGroupShare 0,0", "{\"DevGroupShare\":{\"In\":0,\"Out\":\"0\"}}", FROM("8.2.0") },
	{ "PowerLock1 1", "{\"PowerLock\":\"21\"}", NULL, NULL },
	{ "PowerLock1 1", "{\"PowerLock\":1}", NULL, NULL },
	{ "PowerLock1 1", "{\"PowerLock\":\"\"}", NULL, NULL },
	{ "PowerLock1 x", "{\"PowerLock\":\"1\"}", NULL, NULL },
	{ "Wifi 5", "{\"Wifi\":\"ON\",\"Mode\":\"11\"}", FROM("9.5.0") },
	{ "Wifi 2", "{\"Wifi\":\"ON\",\"Mode\":\"11bg\"}", FROM("9.5.0") },
	{ "Wifi 2", "{\"Wifi\":\"ON\",\"Mode\":\"12b\"}", FROM("9.5.0") },
	{ "Wifi x", "{\"Wifi\":\"ON\",\"Mode\":\"11b\"}", FROM("9.5.0") },
	{ "WebSensor5 x", "{\"WebSensor\":\"5\"}", NULL, NULL },
	{ "WebSensor5 1", "{\"WebSensor\":5}", NULL, NULL },
	{ "WebSensor5 1", "{\"WebSensor\":\"1,!5,5\"}", NULL, NULL },
	{ "WebColor {\"WebColor\":[\"#000\",\"#fff\"]}", "{\"WebColor\":[\"#000000\"]}", NULL, NULL },
	{ "WebColor {\"WebColor\":1}", "{\"WebColor\":[\"#000000\"]}", NULL, NULL },
	{ "WebColor2 #000", "{\"WebColor\":[\"#000000\",\"#111111\",\"#000000\"]}", NULL, NULL },
	{ "WebColor1 #000", "{\"WebColor\":[0]}", NULL, NULL },
	{ "WebColor1 x", "{\"WebColor\":[\"#000000\"]}", NULL, NULL },
	{ "GPIO4 x", "{\"GPIO4\":{\"0\":\"None\"}}", NULL, NULL },
	{ "GPIO4 9", "{\"GPIO4\":{\"9\":8}}", NULL, NULL },
	{ "GPIO4 9", "{\"GPIO4\":{\"8\":\"9\"}}", NULL, NULL },
	{ "Interlock 1,2", "{\"Interlock\":\"ON\"}", NULL, NULL },
	{ "SerialConfig 9N1", "{\"SerialConfig\":\"9N1\"}", NULL, NULL },
	{ "DimmerRange 1,2", "{\"DimmerRange\":{\"Min\":1,\"Max\":3}}", NULL, NULL },
	{ "DimmerRange 1,2", "{\"DimmerRange\":{\"Min\":0,\"Max\":2}}", NULL, NULL },
	{ "WebTime 1,2", "{\"WebTime\":[0,2]}", FROM("11.1.0") },
	{ "MqttFingerprint1 0", "{\"MqttFingerprint1\":\"00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\"}", NULL, NULL },
	{ "MqttFingerprint1 0", "{\"MqttFingerprint1\":\"00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01\"}", NULL, NULL },
	{ "MqttFingerprint1 1FF", "{\"MqttFingerprint1\":\"1FF 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\"}", NULL, NULL },
	{ "WebServer 2", "{\"StatusNET\":{\"WifiConfig\":2}}", NULL, NULL },
	{ "Sleep x", "{\"Sleep\":{\"0\":{\"Active\":\"0\"}}}", NULL, NULL },
	{ "TelePeriod x", "{\"TelePeriod\":0}", NULL, NULL },
	{ "Fade 2", "{\"Fade\":\"ON\"}", NULL, NULL },
	{ "Fade -1", "{\"Fade\":\"OFF\"}", NULL, NULL },
	{ "Fade 1", "{\"Fade\":1}", NULL, NULL },
	{ "Timezone x", "{\"Timezone\":\"+00:00\"}", NULL, NULL },
	{ "TimeStd 1", "{\"TimeStd\":{\"Hemisphere\":1}}", NULL, NULL },
	{ "TempOffset 1", "{\"TempOffset\":\"\"}", NULL, NULL },
	{ "TempOffset 1", "{\"TempOffset\":\"1.0 C\"}", NULL, NULL },
	{ "IPAddress1 192.168.1.5", "{\"IPAddress1\":5}", NULL, NULL },
	{ "PWM2 512", "{\"PWM\":{\"PWM1\":512}}", NULL, NULL },
	{ "RGBWWTable 1", "{\"RGBWWTable\":1}", FROM("8.2.0") },
	{ "Tariff1 1:05", "{\"Tariff\":{\"Off-Peak\":{\"STD\":\"1:05\"}}}", NULL, NULL },
	/* CmndWebColor(): not stored where there are 19. */
	{ "WebColor20 #fff", "{\"WebColor\":[\"#eaeaea\",\"#252525\"]}", NULL, NULL },
};
/* clang-format on */

static enum tasmota_taken
ask(const char *text, const char *version, const char *reply, size_t len)
{
	struct tasmota_line line;
	struct tasmota_dialect dialect;
	struct tasmota_verdict verdict;

	assert_true(tasmota_line_read(text, &line));
	tasmota_dialect_init(&dialect, version);
	tasmota_compare(&line, &dialect, reply, len, &verdict);
	assert_true(strlen(verdict.got) < sizeof(verdict.got));
	return verdict.taken;
}

static bool
is_in(const struct answer *a, const char *version)
{
	uint32_t v = tasmota_version(version);

	return (a->from == NULL || v >= tasmota_version(a->from)) &&
	    (a->to == NULL || v <= tasmota_version(a->to));
}

/*
 * The reply without the marks, and which of its bytes were between them.  A <
 * or > of the reply itself is nowhere in the tables but in <html>.
 */
static size_t
unmark(const char *reply, char *dst, bool *marked)
{
	bool inside = false;
	size_t len = 0;

	if (strncmp(reply, "<html>", 6) == 0) {
		strcpy(dst, reply);
		return strlen(dst);
	}
	for (; *reply != '\0'; reply++) {
		if (*reply == '<' || *reply == '>') {
			inside = *reply == '<';
			continue;
		}
		marked[len] = inside;
		dst[len++] = *reply;
	}
	dst[len] = '\0';
	return len;
}

/* Another byte of the same kind, so that the answer is one still. */
static char
another(char c)
{
	if (isdigit((unsigned char)c))
		return c == '9' ? '8' : c == '1' ? '0' : (char)(c + 1);
	if (isalpha((unsigned char)c))
		return c == 'Z' || c == 'z' ? (char)(c - 1) : (char)(c + 1);
	if (c == '-')
		return ' ';
	return c == '!' ? ' ' : c == '_' ? '-' : '_';
}

static void
fail_answer(const char *what, const char *line, const char *version,
    const char *reply, size_t len)
{
	print_error("%s, %s: %s: %.*s\n", line, version, what, (int)len, reply);
	fail();
}

static void
check_changed(const struct answer *a, const char *version)
{
	bool marked[600] = { false };
	char reply[600];
	size_t len = unmark(a->reply, reply, marked);

	for (size_t i = 0; i < len; i++) {
		char was = reply[i];

		if (!marked[i])
			continue;
		reply[i] = another(was);
		if (ask(a->line, version, reply, len) == TASMOTA_TAKEN)
			fail_answer("not taken, and found taken", a->line,
			    version, reply, len);
		reply[i] = was;
	}
}

/* Cut anywhere, it is never taken: a connection may end early. */
static void
check_cut(const struct answer *a, const char *version)
{
	bool marked[600] = { false };
	char reply[600];
	size_t len = unmark(a->reply, reply, marked);

	for (size_t cut = 0; cut + 1 < len; cut++)
		if (ask(a->line, version, reply, cut) == TASMOTA_TAKEN)
			fail_answer("cut, and found taken", a->line, version,
			    reply, cut);
}

static void
check_table(const struct answer *table, size_t count, enum tasmota_taken wanted,
    const char *what)
{
	for (size_t i = 0; i < count; i++)
		for (size_t v = 0; v < COUNT(versions); v++) {
			bool marked[600] = { false };
			char reply[600];
			size_t len = unmark(table[i].reply, reply, marked);

			if (!is_in(&table[i], versions[v]))
				continue;
			if (ask(table[i].line, versions[v], reply, len) !=
			    wanted)
				fail_answer(what, table[i].line, versions[v],
				    reply, len);
		}
}

TEST(whatever_was_taken_is_found_taken)
{
	check_table(
	    answers, COUNT(answers), TASMOTA_TAKEN, "taken, and not found");
}

static bool
is_last(const struct answer *a, size_t v)
{
	return v + 1 == COUNT(versions) || !is_in(a, versions[v + 1]);
}

/* With QUICK in the environment an answer is cut for one version only. */
TEST(whatever_was_not_taken_is_not_found_taken)
{
	bool is_quick = getenv("QUICK") != NULL;

	check_table(others, COUNT(others), TASMOTA_NOT_TAKEN,
	    "not taken, and not found so");
	for (size_t i = 0; i < COUNT(answers); i++)
		for (size_t v = 0; v < COUNT(versions); v++)
			if (is_in(&answers[i], versions[v])) {
				check_changed(&answers[i], versions[v]);
				if (!is_quick || is_last(&answers[i], v))
					check_cut(&answers[i], versions[v]);
			}
}

TEST(what_nobody_can_tell_is_unclear)
{
	check_table(unclear, COUNT(unclear), TASMOTA_UNCLEAR, "it is unclear");
}

static bool
has_answer(const struct tasmota_command *row, const struct answer *table,
    size_t count, const char *version)
{
	for (size_t i = 0; i < count; i++) {
		struct tasmota_line line;

		if (tasmota_line_read(table[i].line, &line) &&
		    line.row == row && is_in(&table[i], version))
			return true;
	}
	return false;
}

TEST(every_command_has_its_answer_in_every_version)
{
	size_t count, pairs = 0;
	const struct tasmota_command *rows = tasmota_commands(&count);

	for (size_t i = 0; i < count; i++)
		for (size_t v = 0; v < COUNT(versions); v++) {
			uint32_t version = tasmota_version(versions[v]);

			if (!tasmota_has_command(&rows[i], version) ||
			    rows[i].form == TASMOTA_FORM_SECRET)
				continue;
			pairs++;
			if (!has_answer(&rows[i], answers, COUNT(answers),
				versions[v]) &&
			    !has_answer(&rows[i], unclear, COUNT(unclear),
				versions[v])) {
				print_error(
				    "%s in %s\n", rows[i].name, versions[v]);
				fail();
			}
		}
	print_message("%zu commands, %zu versions, %zu pairs, %zu answers\n",
	    count, COUNT(versions), pairs,
	    COUNT(answers) + COUNT(unclear) + COUNT(others));
}

/* All that the tables call a setting may stand in a policy. */
TEST(every_line_of_the_tables_passes_the_check)
{
	struct error err = { 0 };
	struct tasmota_line line;

	for (size_t i = 0; i < COUNT(answers); i++) {
		assert_true(tasmota_line_read(answers[i].line, &line));
		if (!tasmota_line_check(&line, &err))
			fail_answer(err.text, answers[i].line, "", "", 0);
	}
}

/* doc/tasmota-commands.md is this table for people; automake sets srcdir. */
TEST(every_command_is_in_the_documentation)
{
	static char text[64 * 1024];
	const char *srcdir = getenv("srcdir");
	const struct tasmota_command *rows;
	char path[600], row[80];
	size_t count;
	FILE *in;

	snprintf(path, sizeof(path), "%s/doc/tasmota-commands.md",
	    srcdir == NULL ? "." : srcdir);
	in = fopen(path, "r");
	assert_non_null(in);
	assert_true(fread(text, 1, sizeof(text) - 1, in) > 0);
	fclose(in);
	rows = tasmota_commands(&count);
	for (size_t i = 0; i < count; i++) {
		snprintf(row, sizeof(row),
		    rows[i].last == 0			? "| %s | "
			: rows[i].first == rows[i].last ? "| %s%u | "
							: "| %s%u..%u | ",
		    rows[i].name, rows[i].first, rows[i].last);
		if (strstr(text, row) == NULL)
			fail_answer("not in the documentation", row, "", "", 0);
	}
}

static void
learn(struct tasmota_dialect *dialect, const char *text, const char *reply)
{
	struct tasmota_line line;

	assert_true(tasmota_line_read(text, &line));
	tasmota_dialect_learn(dialect, &line, reply, strlen(reply));
}

static enum tasmota_taken
ask_in(
    const struct tasmota_dialect *dialect, const char *text, const char *reply)
{
	struct tasmota_line line;
	struct tasmota_verdict verdict;

	assert_true(tasmota_line_read(text, &line));
	tasmota_compare(&line, dialect, reply, strlen(reply), &verdict);
	return verdict.taken;
}

/* The first version that answers in another way, and the last before it. */
TEST(an_answer_changes_with_one_version)
{
	static const struct {
		const char *line, *version, *reply;
		enum tasmota_taken wanted;
	} cases[] = {
		{ "WifiPower 0", "12.255.255.255", "{\"WifiPower\":17.0}",
		    TASMOTA_NOT_TAKEN },
		{ "WifiPower 0", "13.0.0.0", "{\"WifiPower\":17.0}",
		    TASMOTA_UNCLEAR },
		{ "WifiPower 1", "12.255.255.255", "{\"WifiPower\":1.0}",
		    TASMOTA_TAKEN },
		{ "WifiPower 1", "13.0.0.0", "{\"WifiPower\":17.0}",
		    TASMOTA_TAKEN },
		{ "PWMRange 1000", "8.4.0.0", "{\"PWMRange\":1000}",
		    TASMOTA_TAKEN },
		{ "PWMRange 1000", "8.4.0.1", "{\"PWMRange\":1023}",
		    TASMOTA_TAKEN },
		{ "DeviceName a\\b", "8.3.1.1", "{\"DeviceName\":\"a\\b\"}",
		    TASMOTA_TAKEN },
		{ "DeviceName a\\b", "8.3.1.2", "{\"DeviceName\":\"a\\\\b\"}",
		    TASMOTA_TAKEN },
		{ "Rule1 a\"b", "8.2.255.255",
		    "{\"Rule1\":\"ON\",\"Rules\":\"a\"b\"}", TASMOTA_TAKEN },
		{ "Rule1 a\"b", "8.3.0.0",
		    "{\"Rule1\":\"ON\",\"Rules\":\"a\\\"b\"}", TASMOTA_TAKEN },
		{ "DeviceName a\"b", "9.3.255.255",
		    "{\"DeviceName\":\"a\\\"b\",\"x\":}", TASMOTA_TAKEN },
		{ "DeviceName a\"b", "9.4.0.0",
		    "{\"DeviceName\":\"a\\\"b\",\"x\":}", TASMOTA_NOT_TAKEN },
		{ "Wifi 2", "9.4.255.255", "{\"Wifi\":\"ON\",\"Mode\":\"11b\"}",
		    TASMOTA_NOT_TAKEN },
		{ "Wifi 2", "9.5.0.0", "{\"Wifi\":\"ON\",\"Mode\":\"11b\"}",
		    TASMOTA_TAKEN },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		if (ask(cases[i].line, cases[i].version, cases[i].reply,
			strlen(cases[i].reply)) != cases[i].wanted)
			fail_answer("in that version", cases[i].line,
			    cases[i].version, cases[i].reply,
			    strlen(cases[i].reply));
}

TEST(a_line_is_checked_for_itself)
{
	struct tasmota_line refused, other;
	struct error err;

	assert_true(tasmota_line_read("Restart 1", &refused));
	assert_true(tasmota_line_read("Topic hall", &other));
	assert_true(tasmota_line_check(&other, &err));
	assert_false(tasmota_line_check(&refused, &err));
	assert_contains(err.text, "restarts by itself");
}

/* What Tasmota does not know, and what it refuses, is told apart. */
TEST(a_rejection_says_which_it_is)
{
	static const struct {
		const char *reply;
		bool is_unknown, is_refused;
		const char *got;
	} cases[] = {
		{ "{\"Command\":\"Unknown\"}", true, false, "" },
		{ "{\"Command\":\"Error\"}", false, true, "" },
		{ "{\"Command\":\"Other\"}", false, false, "" },
		{ "{\"Command\":1}", false, false, "" },
		{ "{\"DeviceName\":\"x\"}", false, false, "x" },
		{ "{\"DeviceName\":1.5}", false, false, "1.5" },
		{ "{\"DeviceName\":[1]}", false, false, "[1]" },
		{ "{\"DeviceName\":true}", false, false, "true" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tasmota_dialect d;
		struct tasmota_line line;
		struct tasmota_verdict verdict;

		tasmota_dialect_init(&d, "14.2.0");
		assert_true(tasmota_line_read("DeviceName Hall", &line));
		tasmota_compare(&line, &d, cases[i].reply,
		    strlen(cases[i].reply), &verdict);
		assert_int_equal(verdict.taken, TASMOTA_NOT_TAKEN);
		assert_int_equal(verdict.is_unknown, cases[i].is_unknown);
		assert_int_equal(verdict.is_refused, cases[i].is_refused);
		assert_string_equal(verdict.got, cases[i].got);
	}
}

/* GetStateText(): the words of StateText are those of every switch. */
TEST(a_switch_answers_in_the_words_of_the_device)
{
	struct tasmota_dialect d;

	tasmota_dialect_init(&d, "14.2.0");
	learn(&d, "StateText1 aus", "{\"StateText1\":\"aus\"}");
	learn(&d, "StateText2 an", "{\"StateText2\":\"an\"}");
	learn(&d, "StateText3 um", "{\"StateText3\":\"um\"}");
	learn(&d, "Topic hall", "{\"Topic\":\"hall\"}");
	learn(&d, "StateText2 an", "no JSON");
	assert_int_equal(ask_in(&d, "SetOption1 1", "{\"SetOption1\":\"an\"}"),
	    TASMOTA_TAKEN);
	assert_int_equal(ask_in(&d, "SetOption1 0", "{\"SetOption1\":\"aus\"}"),
	    TASMOTA_TAKEN);
	assert_int_equal(ask_in(&d, "SetOption1 1", "{\"SetOption1\":\"ON\"}"),
	    TASMOTA_NOT_TAKEN);
	learn(&d, "StateText1 an", "{\"StateText1\":\"an\"}");
	assert_int_equal(ask_in(&d, "SetOption1 1", "{\"SetOption1\":\"an\"}"),
	    TASMOTA_UNCLEAR);
}

/* CmndRule() of 8.4 to 9.5: rule.substring(0, MAX_RULE_SIZE) + "...". */
TEST(a_long_rule_is_answered_with_its_begin)
{
	static const struct {
		unsigned len, shown, told;
		const char *dots, *version;
		enum tasmota_taken wanted;
	} cases[] = {
		{ 600, 512, 600, "...", "9.4.0", TASMOTA_UNCLEAR },
		{ 600, 512, 600, "...", "9.5.0", TASMOTA_UNCLEAR },
		{ 513, 512, 513, "...", "9.5.0", TASMOTA_UNCLEAR },
		{ 512, 512, 512, "...", "9.5.0", TASMOTA_TAKEN },
		{ 510, 510, 510, "...", "9.5.0", TASMOTA_TAKEN },
		{ 600, 512, 601, "...", "9.5.0", TASMOTA_NOT_TAKEN },
		{ 600, 511, 600, "...", "9.5.0", TASMOTA_NOT_TAKEN },
		{ 600, 512, 600, "..,", "9.5.0", TASMOTA_NOT_TAKEN },
		{ 510, 509, 510, "...", "9.5.0", TASMOTA_NOT_TAKEN },
		{ 600, 512, 600, "...", "10.0.0", TASMOTA_NOT_TAKEN },
		{ 600, 600, 600, "", "10.0.0", TASMOTA_TAKEN },
		{ 600, 600, 600, "", "9.5.0", TASMOTA_TAKEN },
	};
	char line[700], reply[900];

	for (size_t i = 0; i < COUNT(cases); i++) {
		memset(line, 'a', sizeof(line));
		memcpy(line, "Rule1 on x", 10);
		line[6 + cases[i].len] = '\0';
		snprintf(reply, sizeof(reply),
		    "{\"Rule1\":{\"State\":\"ON\",\"Length\":%u,"
		    "\"Rules\":\"%.*s%s\"}}",
		    cases[i].told, (int)cases[i].shown, line + 6,
		    cases[i].dots);
		if (ask(line, cases[i].version, reply, strlen(reply)) !=
		    cases[i].wanted)
			fail_answer("a long rule", line, cases[i].version,
			    reply, strlen(reply));
		reply[100] = 'b';
		assert_int_equal(
		    ask(line, cases[i].version, reply, strlen(reply)),
		    TASMOTA_NOT_TAKEN);
	}
}

/* From 700 bytes on, up to 9.3.1: MqttPublish() ends the line in "...". */
TEST(an_answer_that_tasmota_cut_is_unclear)
{
	char line[600] = "Rule1 on x do ", reply[900];

	memset(line + strlen(line), 'a', 480);
	snprintf(reply, sizeof(reply),
	    "{\"Rule1\":\"ON\",\"Once\":\"OFF\",\"Rules\":\"%.400s ..}",
	    line + 6);
	assert_int_equal(
	    ask(line, "8.5.0", reply, strlen(reply)), TASMOTA_UNCLEAR);
	reply[200] = 'b';
	assert_int_equal(
	    ask(line, "8.5.0", reply, strlen(reply)), TASMOTA_NOT_TAKEN);
}

/* Any byte but a zero may be in a name, whether it is UTF-8 or not. */
TEST(every_byte_of_a_text_counts)
{
	char line[32], reply[64];

	for (unsigned a = 0x21; a <= 0xff; a++)
		for (unsigned b = 0x21; b <= 0xff; b++) {
			bool quoted = b == '"' || b == '\\';

			snprintf(line, sizeof(line), "DeviceName x%cy", a);
			snprintf(reply, sizeof(reply),
			    "{\"DeviceName\":\"x%s%cy\"}", quoted ? "\\" : "",
			    b);
			assert_int_equal(
			    ask(line, "14.2.0", reply, strlen(reply)),
			    a == b ? TASMOTA_TAKEN : TASMOTA_NOT_TAKEN);
		}
}

TEST(a_control_character_does_not_hide_the_rest)
{
	static const char reply[] = "{\"Wifi\":\"\x01\x1b[2J\xff\","
				    "\"DeviceName\":\"Hall\"}\n";

	assert_int_equal(ask("DeviceName Hall", "14.2.0", reply, strlen(reply)),
	    TASMOTA_TAKEN);
	assert_int_equal(
	    ask("DeviceName Hall", "14.2.0", "{\"DeviceName\":\"Hall\"}\0", 23),
	    TASMOTA_NOT_TAKEN);
}

/*
 * What each command takes, read from the function of Tasmota that has its name
 * unless another is named: one entry for each row of the table.  A | separates
 * the values.  Tasmota keeps the good ones, in one release at least.  It would
 * ignore the bad ones, cut them, or take them for something else.  The number
 * behind the last one must be refused, or the number after where that is given.
 */
struct limit {
	const char *name;
	unsigned first, last, after;
	const char *good, *bad;
	const char *without, *with; /* the last release, and the first */
};

/* Digits, as long as their names say. */
#define C8  "12345678"
#define C32 C8 C8 C8 C8
#define B5  "DA 39 a3 EE 00"
#define W5  "\"#fff\",\"#000\",\"#fa0\",\"#123456\",\"#abc\""
#define W20 W5 "," W5 "," W5 "," W5
#define B20 B5 " " B5 " " B5 " " B5

/* clang-format off */
static const struct limit limits[] = {
	/*
	 * support_command.ino.  Limits by name are in tasmota.h: 32
	 * MAX_PULSETIMERS since 11.1, 5 MAX_PWMS and 4 MAX_LEDS of an ESP8266,
	 * 28 MAX_SWITCHES_SET since 9.3.1 and 32 since 14.4; PUSH_IGNORE_INV is
	 * 16, LED_POWER_MQTT 7, POWER_ALL_OFF_PULSETIME_ON 5.
	 */
	{ "PowerOnState", 0, 0, 0, "0|5", "-1|6|x", NULL, NULL },
	{ "PulseTime", 1, 32, 0, "0|65535", "-1|65536", NULL, NULL },
	{ "BlinkTime", 0, 0, 0, "2|3600", "1|3601", NULL, NULL },
	{ "BlinkCount", 0, 0, 0, "0|65535", "-1|65536", NULL, NULL }, /* 32000 in 12.2 */
	{ "Interlock", 0, 0, 0, "0|1|1,2|1,2 3,4|31,32", "-1|2|1,1|33,34|1,2;3,4", NULL, NULL },
	{ "PowerLock", 1, 32, 0, "0|1", "-1|2", "13.4.0", "14.0.0" },
	{ "Module", 2, 2, 0, "0|75", "-1|76", "8.3.1", "8.4.0" },
	{ "GPIO", 0, 17, 0, "0|65535", "-1|65536", NULL, NULL }, /* io[18], uint16_t */
	{ "PWM", 1, 5, 0, "0|1023", "-1|1024", NULL, NULL },
	{ "PWMFrequency", 0, 0, 0, "40|4000", "1|39|4001", NULL, NULL }, /* PWM_MIN, PWM_MAX */
	{ "PWMRange", 0, 0, 0, "255|1023", "1|254|1024", NULL, NULL },
	{ "ButtonDebounce", 0, 0, 0, "40|1000", "39|1001", NULL, NULL },
	{ "SwitchDebounce", 0, 0, 0, "40|1009", "39|1010", NULL, NULL },
	{ "SwitchMode", 1, 32, 0, "0|16", "-1|17", NULL, NULL },
	{ "SwitchText", 1, 8, 0, "1|0|door|\"", "\"door\"", "9.0.0.2", "9.1.0" },
	{ "LedPower", 1, 4, 0, "0|1", "-1|2", NULL, NULL },
	{ "LedState", 0, 0, 0, "0|7", "-1|8", NULL, NULL },
	{ "LedMask", 0, 0, 0, "0|0xFFFF", "-1|0x10000", NULL, NULL }, /* uint16_t ledmask */
	{ "LedPwmOn", 0, 0, 0, "0|255", "-1|256", "8.3.1", "8.4.0" },
	{ "LedPwmOff", 0, 0, 0, "0|255", "-1|256", "8.3.1", "8.4.0" },
	{ "LedPwmMode", 1, 4, 0, "0|1", "-1|2", "8.3.1", "8.4.0" },
	{ "DeviceName", 0, 0, 0, "0|Hall|11|\"", "1|\"Hall\"", "8.3.0", "8.3.1" },
	{ "FriendlyName", 1, 8, 0, "0|Hall|\"", "1|\"Hall\"", NULL, NULL },
	{ "SetOption", 0, 177, 0, "", "", NULL, NULL }, /* see below */
	{ "SaveData", 0, 0, 0, "0|3600", "-1|3601", NULL, NULL },
	{ "Sleep", 0, 0, 0, "0|250", "-1|251", NULL, NULL },
	{ "TelePeriod", 0, 0, 0, "0|2|10|3600", "-1|1|3601", NULL, NULL },
	{ "Altitude", 0, 0, 0, "-30000|30000", "-30001|30001", NULL, NULL },
	{ "TempRes", 0, 0, 0, "0|3", "-1|4", NULL, NULL },
	{ "HumRes", 0, 0, 0, "0|3", "-1|4", NULL, NULL },
	{ "PressRes", 0, 0, 0, "0|3", "-1|4", NULL, NULL },
	{ "WattRes", 0, 0, 0, "0|3", "-1|4", NULL, NULL },
	{ "VoltRes", 0, 0, 0, "0|3", "-1|4", NULL, NULL },
	{ "FreqRes", 0, 0, 0, "0|3", "-1|4", NULL, NULL },
	{ "AmpRes", 0, 0, 0, "0|3", "-1|4", NULL, NULL },
	{ "EnergyRes", 0, 0, 0, "0|5", "-1|6", NULL, NULL },
	{ "WeightRes", 0, 0, 0, "0|3", "-1|4", NULL, NULL },
	{ "SpeedUnit", 0, 0, 0, "0|6", "-1|7", "8.1.0", "8.2.0" },
	{ "TempOffset", 0, 0, 0, "-12.6|0|12.6", "-12.7|12.7|1.123456789|1,5", NULL, NULL },
	{ "HumOffset", 0, 0, 0, "-10|10.0|0.12345678", "-10.1|10.1", "8.1.0", "8.2.0" },
	{ "SetSensor", 1, 127, 0, "0|1", "-1|2", "9.5.0", "10.0.0" }, /* MAX_XSNS_DRIVERS */
	{ "JsonPP", 0, 0, 0, "0|7", "-1|8", "14.6.0", "15.0.0" },
	{ "Timezone", 0, 0, 0, "-13|-13:59|-1:30|0|14|14:59|+5:00|99", "-14|15|98|100|99:01|1:60|1:-1|-0:30|-0|+01:0x|08|x", NULL, NULL },
	{ "TimeStd", 0, 0, 0, /* CmndTimeStdDst() */
	    "0,0,1,1,0,-900|1,4,12,7,23,900|0, 0, 1, 1, 0, 0|1,1|,,,,,5|,,6",
	    "-1,0,1,1,0,0|2,0,1,1,0,0|0,-1,1,1,0,0|0,5,1,1,0,0|0,0,0,1,0,0|0,0,13,1,0,0|0,0,1,0,0,0|0,0,1,8,0,0|0,0,1,1,-1,0|0,0,1,1,24,0|0,0,1,1,0,-901|0,0,1,1,0,901|0,0,1,1,0,0,0|1|0;0", NULL, NULL },
	{ "TimeDst", 0, 0, 0, "0,0,1,1,0,-900|1,4,12,7,23,900", "2,0,1,1,0,0|0", NULL, NULL },
	{ "NtpServer", 1, 3, 0, "0|a.lan|\"|2", "1", NULL, NULL },
	{ "SSId", 1, 2, 0, "0|\"|" C32, "1|" C32 "x", NULL, NULL },
	{ "BSSId", 1, 2, 0, "0|\"|18:E8:29:CA:17:C1|18:e8:29:ca:17:c1", "1|x|18:E8:29:CA:17:C|18:E8:29:CA:17:C12|18-E8-29-CA-17-C1|18:E8:29:CA:17:CG|18E829CA17C1", "15.4.0", "15.5.0" },
	{ "Password", 1, 4, 0, "0|\"|" C8 "|" C32 C32, "1|1234567|" C32 C32 "x|00|\"\"", NULL, NULL },
	{ "Ap", 0, 0, 0, "1|2", "0|3", NULL, NULL },
	{ "Hostname", 0, 0, 0, "0|hall|%s-%04d", "1|a%b|%s-%04d1", NULL, NULL },
	{ "IPAddress", 1, 5, 0, "0.0.0.0|255.255.255.255", "256.0.0.1|1.2.3|1", NULL, NULL },
	{ "WifiConfig", 0, 0, 0, "0|7", "-1|8", NULL, NULL }, /* MAX_WIFI_OPTION */
	{ "WifiPower", 0, 0, 0, "0|17|20.5", "-0.1|20.6", NULL, NULL },
	{ "DnsTimeout", 0, 0, 0, "100|20000", "99|20001", "12.0.1", "12.0.2" },
	{ "SerialLog", 0, 0, 0, "0|4", "-1|5", NULL, NULL }, /* LOG_LEVEL_DEBUG_MORE */
	{ "SysLog", 0, 0, 0, "0|4", "-1|5", NULL, NULL },
	{ "LogHost", 0, 0, 0, "0|a.lan", "1", NULL, NULL },
	{ "LogPort", 0, 0, 0, "2|65535", "0|1|65536", NULL, NULL },
	{ "Baudrate", 0, 0, 0, "300|1500000", "299|1500001", NULL, NULL },
	{ "SerialConfig", 0, 0, 0, "0|23|5N1|8O2|7e1|6n2|on", "-1|24|4N1|9N1|8X1|8N0|8N3|8N|8N11|0x3|+03|off", NULL, NULL },
	{ "SerialDelimiter", 0, 0, 0, "1|255", "0|256", NULL, NULL },
	{ "Wifi", 0, 0, 0, "1|4", "0|5", "8.3.1", "8.4.0" },
	{ "I2CDriver", 0, 159, 0, "0|1", "", NULL, NULL }, /* MAX_I2C_DRIVERS, 160 in 15.5 */
	{ "DevGroupName", 1, 4, 0, "0|lamps|\"|1", "", "8.2.0", "8.3.0" },
	{ "DevGroupShare", 0, 0, 0, "1,0x1F|0 4294967295|0xFF, 0XFF", "1|x,y|1,2,3|,1|1,|FF FF|1 FF|1,4294967296|4294967296,1|0x,1g", "8.1.0", "8.2.0" },
	{ "DevGroupTie", 1, 4, 0, "0|255", "-1|256", "9.2.0", "9.3.1" }, /* uint8_t */

	/* xdrv_09_timers.ino; a latitude goes from pole to pole. */
	{ "Latitude", 0, 0, 0, "-90|90", "-90.1|90.1", NULL, NULL },
	{ "Longitude", 0, 0, 0, "-180|180", "-180.1|180.1", NULL, NULL },
	{ "Sunrise", 0, 0, 0, "0|3", "-1|4", "12.1.1", "12.2.0" },
	{ "Timers", 0, 0, 0, "0|1", "-1|2", NULL, NULL },
	{ "Timer", 1, 16, 0, /* MAX_TIMERS */
	    "0|{\"Enable\":1}|{\"Arm\":1}|{\"Mode\":1}|{\"Window\":1}|{\"Repeat\":1}|{\"Output\":1}|{\"Action\":1}|{\"time\":\"1:00\"}|{\"Days\":\"SMTWTFS\"}",
	    "1|00|{}|[]|[1]|{\"Enable\":\"1\"}|{\"Days\":1}|{\"X\":1}|{\"Mode\":1,\"Mode\":1}|{\"Mode\":1,\"X\":1}", NULL, NULL },

	/* xdrv_02_mqtt.ino; MQTT_RETRY_SECS is 10, MAX_GROUP_TOPICS 4. */
	{ "MqttHost", 0, 0, 0, "0|a.lan|\"", "1", NULL, NULL },
	{ "MqttPort", 0, 0, 0, "2|65535", "0|1|65536", NULL, NULL },
	{ "MqttUser", 0, 0, 0, "0|hall|\"", "1", NULL, NULL },
	{ "MqttPassword", 0, 0, 0, "0|x|\"", "1", NULL, NULL },
	{ "MqttClient", 0, 0, 0, "0|hall_%06X", "1", NULL, NULL },
	{ "MqttRetry", 0, 0, 0, "10|32000", "9|32001", NULL, NULL },
	{ "MqttKeepAlive", 0, 0, 0, "1|100", "0|101", "9.3.1", "9.4.0" },
	{ "MqttTimeout", 0, 0, 0, "1|100", "0|101", "9.3.1", "9.4.0" },
	{ "MqttWifiTimeout", 0, 0, 0, "100|20000", "99|20001", "9.4.0", "9.5.0" },
	{ "MqttFingerprint", 1, 2, 0, B20 "|DA 39|da|0|\"|d a", B20 " |" B20 " 0|1|DA:39|x|DA39|DA 39A|" C32, NULL, NULL },
	{ "Topic", 0, 0, 0, "0|hall|2", "1", NULL, NULL },
	{ "FullTopic", 0, 0, 0, "0|%prefix%/%topic%/", "1", NULL, NULL },
	{ "GroupTopic", 1, 4, 0, "0|lamps|\"|2", "1", NULL, NULL },
	{ "ButtonTopic", 0, 0, 0, "0|lamps|\"|3|11|22", "1|2", NULL, NULL },
	{ "SwitchTopic", 0, 0, 0, "0|lamps|\"|3", "1|2", NULL, NULL },
	{ "Prefix", 1, 3, 0, "0|cmnd|2", "1", NULL, NULL },
	{ "StateText", 1, 4, 0, "0|1|off", "", NULL, NULL },
	{ "ButtonRetain", 0, 0, 0, "0|1|on|off|true|FALSE", "-1|2|one", NULL, NULL },
	{ "SwitchRetain", 0, 0, 0, "0|1", "-1|2", NULL, NULL },
	{ "PowerRetain", 0, 0, 0, "0|1", "-1|2", NULL, NULL },
	{ "SensorRetain", 0, 0, 0, "0|1", "-1|2", NULL, NULL },
	{ "InfoRetain", 0, 0, 0, "0|1", "-1|2", "9.3.0", "9.3.1" },
	{ "StateRetain", 0, 0, 0, "0|1", "-1|2", "9.3.0", "9.3.1" },
	{ "StatusRetain", 0, 0, 0, "0|1", "-1|2", "12.1.0", "12.1.1" },
	{ "MqttLog", 0, 0, 0, "0|4", "-1|5", NULL, NULL },

	/* xdrv_01_webserver.ino; 20 colours before COL_LAST. */
	{ "WebLog", 0, 0, 0, "0|4", "-1|5", NULL, NULL },
	{ "WebServer", 0, 0, 0, "2", "0|1|3", NULL, NULL },
	{ "WebRefresh", 0, 0, 0, "400|65000", "399|65001", NULL, NULL },
	{ "WebButton", 1, 16, 0, "0|1|Hall|\"", "\"Hall\"", NULL, NULL }, /* SetWebButton() forgets 17 to 32 */
	{ "WebColor", 1, 20, 0, "#fff|#01aFfF|01afff|{\"WebColor\":[\"#000\",\"fff\"]}|{\"WebColor\":[" W20 "]}", "{\"WebColor\":[" W20 ",\"#000\"]}|000|fff|#ff|#ffff|#fffff|#fffffff|#ggg|red|{}|{\"WebColor\":1}|{\"WebColor\":[]}|{\"WebColor\":[\"#000\",\"\"]}|{\"WebColor\":[\"red\"]}|{\"WebColor\":[0]}", NULL, NULL },
	{ "WebSensor", 1, 127, 0, "0|1", "-1|2", NULL, NULL },
	{ "WebTime", 0, 0, 0, "0,16|11 16|18,19", "0|a-b|a,b|5,5|16,0|0,20|20,21", "10.1.0", "11.0.0" }, /* 19 letters in a time */
	{ "WebCanvas", 0, 0, 0, "0|red|\"|1", "", "13.2.0", "13.3.0" },
	{ "CORS", 0, 0, 0, "0|*|\"", "1", NULL, NULL },
	{ "Emulation", 0, 0, 0, "0|2", "-1|3", NULL, NULL }, /* EMUL_MAX */

	/* xdrv_10_rules.ino; MAX_RULE_SETS 3, MAX_RULE_MEMS 16. */
	{ "Rule", 1, 3, 0, "0|1|4|5|8|9|\"|on a do b endon", "2|3|6|7|10|-1|+on a do b endon|\"x", NULL, NULL },
	{ "Mem", 1, 16, 0, "0|1|x|\"|1=1", "=1|\"x", NULL, NULL }, /* CmndMemory() */
	{ "CalcRes", 0, 0, 0, "0|7", "-1|8", NULL, NULL },

	/* xdrv_04_light.ino. */
	{ "Fade", 0, 0, 0, "0|1", "-1|2", NULL, NULL },
	{ "Speed", 0, 0, 0, "1|40", "0|41", NULL, NULL },
	{ "LedTable", 0, 0, 0, "0|1", "-1|2", NULL, NULL },
	{ "DimmerRange", 0, 0, 0, "0,255|0 255|0, 255|65535,0x0", "5|x,y|0,255,1|0,65536|0;1|0 |-1,5|0,5x", NULL, NULL }, /* uint16_t dimmer_hw_min */
	{ "DimmerStep", 0, 0, 0, "1|50", "0|51", "9.0.0.2", "9.1.0" },
	{ "WakeUpDuration", 0, 0, 0, "1|3000", "0|3001", NULL, NULL },
	{ "RGBWWTable", 0, 0, 0, "255,255,255|1|0 255|1,2,3,4,5", "256|0,256|-1|x|1,|1;2|1,2,3,4,5,6|255,0x10", NULL, NULL },

	/* xdrv_07_domoticz.ino; MAX_DOMOTICZ_IDX 4, 11 kinds before
	 * DZ_MAX_SENSORS; an index of a relay or a key has 32 bits, others 16.
	 * DomoticzSetRelayIdx() forgets what is above 4 in a restart. */
	{ "DomoticzIdx", 1, 4, 0, "0|2147483647", "-1|2147483648", NULL, NULL },
	{ "DomoticzKeyIdx", 1, 4, 0, "0|2147483647", "-1|2147483648", NULL, NULL },
	{ "DomoticzSwitchIdx", 1, 4, 0, "0|65535", "-1|65536", NULL, NULL },
	{ "DomoticzSensorIdx", 1, 11, 0, "0|65535", "-1|65536", NULL, NULL },
	{ "DomoticzUpdateTimer", 0, 0, 0, "0|3600", "-1|3601", NULL, NULL },
	{ "DzIdx", 1, 4, 0, "0|2147483647", "-1|2147483648", "8.3.1", "8.4.0" },
	{ "DzKeyIdx", 1, 4, 0, "0|2147483647", "-1|2147483648", "8.3.1", "8.4.0" },
	{ "DzSwitchIdx", 1, 4, 0, "0|65535", "-1|65536", "8.3.1", "8.4.0" },
	{ "DzSensorIdx", 1, 11, 0, "0|65535", "-1|65536", "8.3.1", "8.4.0" },
	{ "DzUpdateTimer", 0, 0, 0, "0|3600", "-1|3601", "8.3.1", "8.4.0" },

	/* xsns_01_counter.ino, xsns_02_analog.ino; MAX_COUNTERS 4. */
	{ "CounterType", 1, 4, 0, "0|1", "-1|2", NULL, NULL },
	{ "CounterDebounce", 0, 0, 0, "0|32000", "-1|32001", NULL, NULL },
	{ "AdcParam", 1, 1, 0, "2,32000,10000,3350", "", NULL, NULL }, /* MAX_ADCS */

	/* xdrv_03_energy.ino, as wide as since 13.4. */
	{ "PowerDelta", 1, 3, 0, "0|32000", "-1|32001", NULL, NULL }, /* ENERGY_MAX_PHASES */
	{ "PowerLow", 0, 0, 0, "0|6000", "-1|6001", NULL, NULL },
	{ "PowerHigh", 0, 0, 0, "0|6000", "-1|6001", NULL, NULL },
	{ "VoltageLow", 0, 0, 0, "0|500", "-1|501", NULL, NULL },
	{ "VoltageHigh", 0, 0, 0, "0|500", "-1|501", NULL, NULL },
	{ "CurrentLow", 0, 0, 0, "0|25000", "-1|25001", NULL, NULL },
	{ "CurrentHigh", 0, 0, 0, "0|25000", "-1|25001", NULL, NULL },
	{ "MaxPower", 0, 0, 0, "0|6000", "-1|6001", NULL, NULL },
	{ "MaxPowerHold", 0, 0, 0, "0|2|6000", "-1|1|6001", NULL, NULL },
	{ "MaxPowerWindow", 0, 0, 0, "0|2|6000", "-1|1|6001", NULL, NULL },
	{ "MaxEnergy", 0, 0, 0, "0|6000", "-1|6001", NULL, NULL },
	{ "MaxEnergyStart", 0, 0, 0, "0|23", "-1|24", NULL, NULL },
	/* 32 bits; PowerCal 1 and the like are no default. */
	{ "PowerCal", 0, 0, 0, "100|2147483647", "0|1|99|2147483648|x", NULL, NULL },
	{ "VoltageCal", 0, 0, 0, "100|2147483647", "99|2147483648", NULL, NULL },
	{ "CurrentCal", 0, 0, 0, "100|2147483647", "99|2147483648", NULL, NULL },
	{ "FrequencyCal", 0, 0, 0, "100|2147483647", "99|2147483648", "9.3.1", "9.4.0" },
	{ "Tariff", 1, 2, 3, "22:00,23:00|22|1320, 1380|6:59 7:00|0:30,1:00|2:00,01:00|1439|60", "on|1|1:00|1,2|24:00|6:60|1440|8:|22:00,|22:00,23:00,1|22:00;23:00|22:00,x|08:00|x|-1", NULL, NULL },
	{ "EnergyConfig", 0, 0, 0, "1", "", "9.3.1", "9.4.0" },

	/* xdrv_08_serial_bridge.ino, xdrv_16_tuyamcu.ino. */
	{ "SBaudrate", 0, 0, 0, "300|1500000", "299|1500001", NULL, NULL },
	{ "SSerialConfig", 0, 0, 0, "0|23|8N1", "-1|24|9N1", "10.1.0", "11.0.0" },
	{ "TuyaMCU", 0, 0, 0, "11,1", "", NULL, NULL },
};

/* CmndSetoptionBase(), SetoptionDecode(). */
static const struct limit options[] = {
	{ "SetOption0", .good = "0|1|on|off", .bad = "-1|2" },
	{ "SetOption4", .good = "0|1", .bad = "2" },
	{ "SetOption5", .bad = "0|1" }, { "SetOption6", .bad = "0|1" },
	{ "SetOption7", .bad = "0|1" }, { "SetOption8", .good = "0|1" },
	{ "SetOption9", .bad = "0|1" }, { "SetOption10", .good = "0|1" },
	{ "SetOption13", .good = "0|1" }, { "SetOption14", .bad = "0|1" },
	{ "SetOption15", .good = "0|1" }, { "SetOption21", .good = "0|1" },
	{ "SetOption22", .bad = "0|1" }, { "SetOption23", .bad = "0|1" },
	{ "SetOption24", .good = "0|1" }, { "SetOption25", .bad = "0|1" },
	{ "SetOption26", .good = "0|1" }, { "SetOption27", .bad = "0|1" },
	{ "SetOption28", .good = "0|1" },
	{ "SetOption31", .good = "0|1", .bad = "-1|2" },
	{ "SetOption32", .good = "1|250", .bad = "-1|0|251|256" }, /* P_HOLD_TIME */
	{ "SetOption33", .good = "1|250", .bad = "0|251" }, /* P_MAX_POWER_RETRY */
	{ "SetOption45", .good = "0|1|250|255", .bad = "-1|256" }, /* P_BISTABLE_PULSE since 12.1 */
	{ "SetOption34", .good = "0|255", .bad = "-1|256" },
	{ "SetOption49", .good = "0|255", .bad = "-1|256" },
	{ "SetOption50", .good = "0|1", .bad = "-1|2" },
	{ "SetOption177", .good = "0|1", .bad = "-1|2" },
};
/* clang-format on */

static bool
passes(const char *name, const char *number, const char *value)
{
	struct error err = { 0 };
	struct tasmota_line line;
	char text[600];

	snprintf(text, sizeof(text), "%s%s %s", name, number, value);
	assert_true(tasmota_line_read(text, &line));
	return tasmota_line_check(&line, &err);
}

/* Each of the values must pass, or none. */
static void
try_values(
    const char *name, const char *number, const char *values, bool wanted)
{
	char copy[600], *rest = copy, *value;

	snprintf(copy, sizeof(copy), "%s", values == NULL ? "" : values);
	while ((value = strtok_r(rest, "|", &rest)) != NULL)
		if (passes(name, number, value) != wanted)
			fail_answer(wanted ? "good, and refused"
					   : "bad, and not refused",
			    name, number, value, strlen(value));
}

TEST(a_value_passes_up_to_its_limits)
{
	char number[12];

	for (size_t i = 0; i < COUNT(limits); i++) {
		snprintf(number, sizeof(number), "%u", limits[i].first);
		if (limits[i].last == 0)
			number[0] = '\0';
		try_values(limits[i].name, number, limits[i].good, true);
		try_values(limits[i].name, number, limits[i].bad, false);
	}
	for (size_t i = 0; i < COUNT(options); i++) {
		try_values(options[i].name, "", options[i].good, true);
		try_values(options[i].name, "", options[i].bad, false);
	}
}

/* The first value that is good for the command. */
static const char *
good_value(const struct limit *limit, char *dst, size_t size)
{
	const char *good = limit->good[0] == '\0' ? "0" : limit->good;

	snprintf(dst, size, "%.*s", (int)strcspn(good, "|"), good);
	return dst;
}

static void
try_number(const struct limit *limit, unsigned number, bool wanted)
{
	char digits[12], value[600];

	good_value(limit, value, sizeof(value));
	snprintf(digits, sizeof(digits), "%u", number);
	if (passes(limit->name, digits, value) != wanted)
		fail_answer(wanted ? "a number that it has, and refused"
				   : "no such number, and not refused",
		    limit->name, digits, value, strlen(value));
}

TEST(a_number_passes_up_to_its_limits)
{
	for (size_t i = 0; i < COUNT(limits); i++) {
		const struct limit *l = &limits[i];

		if (l->last == 0) {
			try_number(l, 1, true);
			/* MqttPassword2 only answers in another way. */
			if (strcmp(l->name, "MqttPassword") != 0) {
				try_number(l, 0, false);
				try_number(l, 2, false);
			}
			continue;
		}
		try_number(l, l->first, true);
		try_number(l, l->last, true);
		try_number(l, l->after == 0 ? l->last + 1 : l->after, false);
		if (l->first > 0)
			try_number(l, l->first - 1, false);
	}
}

static const struct limit *
limit_of(const char *name)
{
	for (size_t i = 0; i < COUNT(limits); i++)
		if (strcmp(limits[i].name, name) == 0)
			return &limits[i];
	print_error("no limit of %s\n", name);
	fail();
	return NULL;
}

/* The releases of CHANGELOG.md, which tells when a command came. */
static const char *const releases[] = { "8.1.0", "8.2.0", "8.3.0", "8.3.1",
	"8.4.0", "8.5.0", "8.5.1", "9.0.0.2", "9.1.0", "9.2.0", "9.3.0",
	"9.3.1", "9.4.0", "9.5.0", "10.0.0", "10.1.0", "11.0.0", "11.1.0",
	"12.0.0", "12.0.1", "12.0.2", "12.1.0", "12.1.1", "12.2.0", "12.3.0",
	"12.3.1", "12.4.0", "12.5.0", "13.0.0", "13.1.0", "13.2.0", "13.3.0",
	"13.4.0", "14.0.0", "14.1.0", "14.2.0", "14.3.0", "14.4.0", "14.4.1",
	"14.5.0", "14.6.0", "15.0.0", "15.0.1", "15.1.0", "15.2.0", "15.3.0",
	"15.4.0", "15.5.0" };

static size_t
release_number(const char *name)
{
	for (size_t i = 0; i < COUNT(releases); i++)
		if (strcmp(releases[i], name) == 0)
			return i;
	print_error("no release %s\n", name);
	fail();
	return 0;
}

/*
 * xdrv_07_domoticz.ino, D_PRFX_DOMOTICZ: 8.4 has the names with Dz.  9.2 and
 * 9.3 have Wifi between #ifdef ESP32 and #endif.
 */
static void
check_releases(const struct tasmota_command *row, const struct limit *l)
{
	bool went = strncmp(row->name, "Domoticz", 8) == 0;
	size_t end = went ? release_number("8.4.0") : COUNT(releases);

	for (size_t i = 0; i < COUNT(releases); i++) {
		bool has =
		    tasmota_has_command(row, tasmota_version(releases[i]));

		if (strcmp(row->name, "Wifi") == 0 &&
		    i >= release_number("9.2.0") && i < release_number("9.4.0"))
			assert_false(has);
		else if (l->without != NULL && i <= release_number(l->without))
			assert_false(has);
		else if (l->with == NULL || i >= release_number(l->with))
			assert_int_equal(has, i < end);
	}
	assert_true(tasmota_has_command(row, TASMOTA_NEWEST));
	if (l->with != NULL)
		assert_true(tasmota_has_command(row, tasmota_version(l->with)));
}

TEST(a_command_is_in_the_releases_that_have_it)
{
	size_t count;
	const struct tasmota_command *rows = tasmota_commands(&count);

	assert_int_equal(count, COUNT(limits));
	for (size_t i = 0; i < count; i++)
		check_releases(&rows[i], limit_of(rows[i].name));
	assert_true(tasmota_has_command(NULL, tasmota_version("8.1.0")));
}

/* strtol() sets errno where a number is too large, and never to 0. */
TEST(an_error_before_is_not_one_of_the_number)
{
	long number;

	errno = ERANGE;
	assert_true(tasmota_read_number("300", &number));
	assert_int_equal(number, 300);
	assert_false(tasmota_read_number("99999999999999999999", &number));
}

/* clang-format off */
static const struct {
	const char *line, *why;
} refused[] = {
	{ "Restart 1", "the device restarts by itself where it must" },
	{ "restart1 1", "the device restarts by itself" },
	{ "Backlog0 Topic a", "give each command a line of its own" },
	{ "WebPassword x", "use WebPasswordFile= for it" },
	{ "WebPassword1 x", "use WebPasswordFile= for it" },
	{ "WEBPASSWORD2 x", "use WebPasswordFile= for it" },
	{ "Module 0", "use Module= for it" },
	{ "Module1 0", "use Module= for it" },
	{ "Template1 {}", "use Template= for it" },
	{ "OtaUrl1 x", "use Upgrade= for it" },
	{ "Reset 1", "it would undo the set-up" },
	{ "Power 1", "PowerOnState" },
	{ "Power2 on", "PowerOnState" },
	{ "Status 5", "it only shows something" },
	{ "Publish a b", "it does something once" },
	{ "Var1 5", "use Mem" },
	{ "Dimmer 50", "no setting" },
	{ "DeepSleepTime 3600", "could not be looked at" },
	{ "DeviceName", "it needs a value" },
	{ "DeviceName  ", "it needs a value" },
	{ "DeviceName ?", "? only asks" },
	{ "SetOpton19 1", "did you mean SetOption?" },
	{ "FreindlyName1 x", "did you mean FriendlyName?" },
	{ "TelePeroid 300", "did you mean TelePeriod?" },
	{ "SetOption 1", "say which one" },
	{ "SetOption178 1", "there are SetOption0 to SetOption177" },
	{ "SetOption5 1", "PowerRetain sets it" },
	{ "SetOption19 2", "it takes 0 or 1" },
	{ "SetOption34 256", "it takes a number from 0 to 255" },
	{ "SetOption32 256", "it takes a number from 1 to 250" },
	{ "PulseTime33 1", "there are PulseTime1 to PulseTime32" },
	{ "FriendlyName9 x", "there are FriendlyName1 to FriendlyName8" },
	{ "FriendlyName0 x", "there are FriendlyName1 to FriendlyName8" },
	{ "DeviceName2 x", "DeviceName has no number" },
	{ "SetOption19 1;SetOption30 1", "give each command a line of its own" },
	{ "DeviceName Hall; Topic hall", "give each command a line of its own" },
	{ "MqttPassword x;Restart 1", "give each command a line of its own" },
	{ "TelePeriod 3601", "it takes a number from 0 to 3600" },
	{ "TelePeriod x", "it takes a number from 0 to 3600" },
	{ "TelePeriod 10s", "it takes a number from 0 to 3600" },
	{ "TelePeriod 0300", "octal" },
	{ "TelePeriod 1", "1 stands for the default" },
	{ "Topic 1", "1 stands for the default" },
	{ "friendlyname2 1", "1 stands for the default" },
	{ "ButtonTopic 2", "2 stands for the default" },
	{ "MqttPassword 1", "1 stands for the default" },
	{ "DeviceName \"Hall\"", "leave the quotation marks out" },
	{ "Mem1 \"x\"", "leave the quotation marks out" },
	{ "Mem1 =1+1", "Tasmota computes" },
	{ "Hostname a%b", "Tasmota takes no other %" },
	{ "SSId1 123456789012345678901234567890123", "at most 32 bytes" },
	{ "Password1 geheim", "8 to 64 bytes" },
	{ "PowerOnState 6", "it takes a number from 0 to 5" },
	{ "Fade 2", "it takes 0 or 1" },
	{ "Latitude 91", "it takes a number from -90 to 90" },
	{ "Latitude 52,52", "it takes a number from -90 to 90" },
	{ "Latitude 52.123456789", "at most 8 decimals" },
	{ "TempOffset 13", "it takes a number from -12.6 to 12.6" },
	{ "Timezone Europe/Berlin", "+1:00" },
	{ "Timezone +08:00", "octal" },
	{ "Timezone 15", "+1:00" },
	{ "Timezone 1:75", "+1:00" },
	{ "Timezone -0:30", "+1:00" },
	{ "TimeStd 0", "0,0,10,1,3,60" },
	{ "TimeStd 0,0,13,1,3,60", "0,0,10,1,3,60" },
	{ "TimeDst 0,0,3,1,2,120,5", "0,0,10,1,3,60" },
	{ "TimeDst a,b", "0,0,10,1,3,60" },
	{ "IPAddress1 192.168.1", "192.168.1.2" },
	{ "IPAddress6 192.168.1.1", "there are IPAddress1 to IPAddress5" },
	{ "Rule1 +on a do b endon", "write the whole rule" },
	{ "Rule1 2", "4 or 5 for once" },
	{ "Rule4 1", "there are Rule1 to Rule3" },
	{ "Timer1 1", "a JSON object" },
	{ "Timer1 {\"Enable\":1", "a JSON object" },
	{ "Timer1 {}", "a JSON object" },
	{ "Timer1 {\"Tiem\":\"06:30\"}", "Time and Days" },
	{ "Timer1 {\"Time\":630}", "Time and Days" },
	{ "Interlock 1 2", "it takes 0 or 1" },
	{ "Interlock 1,1", "groups of relays" },
	{ "WebServer 0", "only 2 can be set here" },
	{ "WebServer 1", "only 2 can be set here" },
	{ "Wifi 0", "it takes a number from 1 to 4" },
	{ "WebColor1 red", "a colour such as" },
	{ "SerialConfig 9N1", "a form such as 8N1" },
	{ "DimmerRange 5", "two numbers" },
	{ "MqttFingerprint1 DA:39", "with a blank between" },
	{ "MqttFingerprint2 1", "1 stands for the default" },
	{ "BSSId1 18E829CA17C1", "18:E8:29:CA:17:C1" },
	{ "WebColor1 000", "write the # before" },
	{ "WebColor20 000000", "write the # before" },
	{ "WebTime 16,0", "the second number must be the greater one" },
	{ "WebTime 0,20", "it takes a number from 0 to 19" },
	{ "RGBWWTable 256", "it takes a number from 0 to 255" },
	{ "RGBWWTable x", "one to five numbers" },
	{ "Tariff3 22:00", "there are Tariff1, Tariff2 and Tariff9" },
	{ "Tariff8 1", "there are Tariff1, Tariff2 and Tariff9" },
	{ "Tariff10 1", "there are Tariff1 to Tariff9" },
	{ "Tariff9 22:00", "it takes 0 or 1" },
	{ "Tariff1 1:00,2:00", "as in 60 for 1:00" },
	{ "Tariff1 09:00", "octal" },
	{ "Tariff1 x", "22:00,23:00" },
	{ "PowerCal 50", "it takes a number from 100 to 2147483647" },
};

static const struct {
	const char *line, *command, *value;
} understood[] = {
	{ "DeviceName  Hall", "DeviceName", "Hall" },
	{ "DeviceName\tHall", "DeviceName", "Hall" },
	{ " devicename Hall", "DeviceName", "Hall" },
	{ "DeviceName1 Hall", "DeviceName", "Hall" },
	{ "SO19 1", "SetOption19", "1" },
	{ "fn x", "FriendlyName1", "x" },
	{ "WifiNoSleep 1", "SetOption127", "1" },
	{ "IPAddress 1.2.3.4", "IPAddress1", "1.2.3.4" },
	{ "SSId home", "SSId1", "home" },
	{ "Password geheimgeheim", "Password1", "geheimgeheim" },
	{ "Password3 geheimgeheim", "Password1", "geheimgeheim" },
	{ "MqttPassword2 x", "MqttPassword", "x" },
	{ "mqttpassword a;b", "MqttPassword", "a;b" },
	{ "FriendlyName1 a; b", "FriendlyName1", "a; b" },
	{ "FriendlyName1 11", "FriendlyName1", "11" },
	{ "Rule1 ON a DO Backlog Topic b; Restart 1 ENDON", "Rule1",
	    "ON a DO Backlog Topic b; Restart 1 ENDON" },
	{ "Topic plug_$ID", "Topic", "plug_$ID" },
	{ "Tariff9 0", "Tariff9", "0" },
	{ "WebColor19 01afff", "WebColor19", "01afff" },
	{ "ZbNewerThanTheTable 1", "ZbNewerThanTheTable", "1" },
};
/* clang-format on */

TEST(what_is_no_setting_is_refused_with_what_to_write)
{
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct tasmota_line line;
		struct error err = { 0 };

		assert_true(tasmota_line_read(refused[i].line, &line));
		if (tasmota_line_check(&line, &err) ||
		    strstr(err.text, refused[i].why) == NULL)
			fail_answer(err.text, refused[i].line, "",
			    refused[i].why, strlen(refused[i].why));
	}
}

TEST(what_is_meant_is_understood)
{
	for (size_t i = 0; i < COUNT(understood); i++) {
		struct tasmota_line line;
		struct error err = { 0 };

		assert_true(tasmota_line_read(understood[i].line, &line));
		if (!tasmota_line_check(&line, &err))
			fail_answer(err.text, understood[i].line, "", "", 0);
		assert_string_equal(line.command, understood[i].command);
		assert_string_equal(line.value, understood[i].value);
	}
}

/* Every word that is no setting, and what its refusal has to say. */
TEST(each_word_that_sets_nothing_says_why)
{
	/* clang-format off */
	static const struct {
		const char *words, *why;
	} cases[] = {
		{ "Backlog", "a line of its own" },
		{ "Delay", "it sets nothing" },
		{ "If", "into a Rule" },
		{ "Module", "use Module=" },
		{ "OtaUrl Upgrade Upload", "use Upgrade=" },
		{ "Reset", "undo the set-up" },
		{ "Restart", "restarts by itself" },
		{ "Template", "use Template=" },
		{ "WebPassword", "use WebPasswordFile=" },
		{ "Power", "PowerOnState says" },
		{ "TimedPower Publish Event WebSend WebQuery WebRun "
		  "WebGetConfig SendMail SerialSend SSerialSend DevGroupSend "
		  "EnergyReset EnergyToday EnergyYesterday EnergyTotal "
		  "EnergyUsage EnergyExport PowerSet VoltageSet CurrentSet "
		  "FrequencySet Buzzer WiFiScan WiFiTest FileUpload "
		  "FileDownload Ping Counter Add Sub Mult Scale",
		    "it does something once, and sets nothing" },
		{ "Time", "NtpServer1 is the setting" },
		{ "Var", "forgets it in a restart: use Mem" },
		{ "RuleTimer", "forgets it in a restart: start it in a Rule" },
		{ "GlobalTemp GlobalHum GlobalPress BatteryPercentage "
		  "SerialBuffer SSerialBuffer", "forgets it in a restart" },
		{ "Subscribe Unsubscribe", "in a restart: do it in a Rule" },
		{ "Status State Modules GPIOs GPIORead Info Json I2CScan "
		  "DevGroupStatus", "it only shows something" },
		{ "Sensor", "depends on the sensor" },
		{ "Driver", "depends on the driver" },
		{ "DeepSleepTime", "could not be looked at" },
		{ "Color CT Dimmer White Channel HSBColor Scheme Palette "
		  "Wakeup", "what the lamp shows now" },
		{ "FanSpeed", "what the fan does now" },
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(cases); i++) {
		char copy[600], *rest = copy, *word;

		snprintf(copy, sizeof(copy), "%s", cases[i].words);
		while ((word = strtok_r(rest, " ", &rest)) != NULL) {
			struct error err = { 0 };
			struct tasmota_line line;
			char text[60];

			snprintf(text, sizeof(text), "%s 1", word);
			assert_true(tasmota_line_read(text, &line));
			if (tasmota_line_check(&line, &err) ||
			    strstr(err.text, cases[i].why) == NULL)
				fail_answer(err.text, text, "", "", 0);
		}
	}
}

/* i18n.h and kTasmotaSynonyms of support_command.ino, in 9.3 and later. */
TEST(a_name_of_its_own_is_its_setoption)
{
	static const struct {
		const char *word, *command;
	} cases[] = {
		{ "SO0", "SetOption0" },
		{ "so177", "SetOption177" },
		{ "FN8", "FriendlyName8" },
		{ "MqttJSONOnly", "SetOption90" },
		{ "MqttTLS", "SetOption103" },
		{ "MqttNoRetain", "SetOption104" },
		{ "MqttDetachRelay", "SetOption114" },
		{ "MqttTLSFingerprint", "SetOption132" },
		{ "WifiNoSleep", "SetOption127" },
		{ "ChannelRemap", "SetOption37" },
		{ "MultiPWM", "SetOption68" },
		{ "AlexaCTRange", "SetOption82" },
		{ "PowerOnFade", "SetOption91" },
		{ "PWMCT", "SetOption92" },
		{ "WhiteBlend", "SetOption105" },
		{ "VirtualCT", "SetOption106" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tasmota_line line;

		assert_true(tasmota_line_read(cases[i].word, &line));
		assert_string_equal(line.command, cases[i].command);
		assert_true(passes(cases[i].word, "", "0"));
	}
	assert_false(passes("SO", "", "1"));
}

/* CmndPassword(): 3 and 4 are 1 and 2 that answer asterisks. */
TEST(a_mute_password_is_the_one_it_stands_for)
{
	static const char *const cases[][2] = { { "Password1", "Password1" },
		{ "Password2", "Password2" }, { "Password3", "Password1" },
		{ "Password4", "Password2" }, { "Password5", "Password5" } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tasmota_line line;

		assert_true(tasmota_line_read(cases[i][0], &line));
		assert_string_equal(line.command, cases[i][1]);
	}
}

TEST(a_word_is_as_long_as_it_has_room)
{
	char text[42];
	struct tasmota_line line;

	snprintf(text, sizeof(text), "%s%s", C32, "xxxxxxx");
	text[0] = 'x';
	assert_true(tasmota_line_read(text, &line));
	assert_string_equal(line.command, text);
	strcat(text, "x");
	assert_false(tasmota_line_read(text, &line));
}

/* A slip in a short word is another word. */
TEST(a_guess_is_near_to_what_was_typed)
{
	assert_false(passes("Fadee", "", "1"));
	assert_false(passes("Fad", "", "1"));
	assert_true(passes("Fxxe", "", "1"));
	assert_false(passes("Timzne", "", "1"));
	assert_true(passes("Timzn", "", "1"));
}

TEST(each_part_of_a_version_is_a_byte)
{
	assert_int_equal(tasmota_version("1.2.3.4"), 0x01020304);
	assert_int_equal(tasmota_version("255.255.255.254"), 0xfffffffe);
	assert_int_equal(tasmota_version("255.0"), 0xff000000);
	assert_int_equal(tasmota_version("8"), TASMOTA_NEWEST);
	assert_int_equal(tasmota_version("256.1"), TASMOTA_NEWEST);
	assert_int_equal(tasmota_version("8.256"), TASMOTA_NEWEST);
	assert_int_equal(tasmota_version("8.1.256"), TASMOTA_NEWEST);
	assert_int_equal(tasmota_version("8.1.0.256"), TASMOTA_NEWEST);
}

/* strtol(..., 0) of Tasmota's: 010 is 8, and 08 is not a number. */
TEST(what_tasmota_reads_as_octal_is_refused)
{
	try_values("BlinkTime", "", "10|0x10|0xA|+10", true);
	try_values("BlinkTime", "", "08|09|010|0010|00010|-010", false);
	try_values("SaveData", "", "0|00|000|07|-0", true);
	try_values("SaveData", "", "08|001|017", false);
}

/* CmndInterlock(): a group of one relay is none. */
TEST(a_group_of_relays_has_two)
{
	try_values("Interlock", "", "1,32|1,2 3|31,32", true);
	try_values("Interlock", "", "1,1|1,33|0,1|1,2x|,|1,2;3", false);
}

/* What Tasmota keeps of a value, and what is next to it. */
TEST(a_value_is_compared_with_what_tasmota_keeps)
{
	/* clang-format off */
	static const struct answer cases[] = {
		/* CmndTeleperiod(), CmndBaudrate(), CmndMqttWifiTimeout(). */
		{ "TelePeriod 2", "{\"TelePeriod\":<10>}", NULL, NULL },
		{ "TelePeriod 9", "{\"TelePeriod\":<10>}", NULL, NULL },
		{ "TelePeriod 10", "{\"TelePeriod\":<10>}", NULL, NULL },
		{ "TelePeriod 11", "{\"TelePeriod\":<11>}", NULL, NULL },
		{ "Baudrate 599", "{\"Baudrate\":<300>}", NULL, NULL },
		{ "Baudrate 600", "{\"Baudrate\":<600>}", NULL, NULL },
		{ "MqttWifiTimeout 199", "{\"MqttWifiTimeout\":<100>}", FROM("9.5.0") },
		{ "MqttWifiTimeout 300", "{\"MqttWifiTimeout\":<300>}", FROM("9.5.0") },
		/* CmndPwmrange(): 2^n - 1 since 8.5. */
		{ "PWMRange 256", "{\"PWMRange\":<511>}", FROM("8.5.0") },
		{ "PWMRange 511", "{\"PWMRange\":<511>}", FROM("8.5.0") },
		{ "PWMRange 512", "{\"PWMRange\":<1023>}", FROM("8.5.0") },
		{ "PWMRange 256", "{\"PWMRange\":<256>}", UP_TO("8.4.0") },
		/* CmndWifiConfig(): 1 and 3 are WIFI_MANAGER. */
		{ "WifiConfig 1", "{\"WifiConfig\":{\"<2>\":\"WifiManager\"}}", NULL, NULL },
		{ "WifiConfig 0", "{\"WifiConfig\":{\"<0>\":\"Restart\"}}", NULL, NULL },
		{ "WifiConfig 2", "{\"WifiConfig\":{\"<2>\":\"WifiManager\"}}", NULL, NULL },
		{ "WifiConfig 7", "{\"WifiConfig\":{\"<7>\":\"ManagerRst\"}}", NULL, NULL },
		/* MakeValidMqtt(), RemoveSpace(), ReplaceCommaWithDot(). */
		{ "Topic a+b#c d", "{\"Topic\":\"<a_b_c_d>\"}", NULL, NULL },
		{ "FullTopic a+b#c d/", "{\"FullTopic\":\"<abcd/>\"}", NULL, NULL },
		{ "StateText1 a+b#c d", "{\"StateText1\":\"<a+b#c_d>\"}", NULL, NULL },
		{ "SwitchText1 a\tb", "{\"SwitchText1\":\"<ab>\"}", FROM("9.1.0") },
		{ "NtpServer1 a b,c", "{\"NtpServer1\":\"<a b.c>\"}", NULL, NULL },
		{ "MqttUser \"", "{\"MqttUser\":\"\"}", NULL, NULL },
		{ "MqttUser 00", "{\"MqttUser\":\"<00>\"}", NULL, NULL },
		{ "MqttUser \"a", "{\"MqttUser\":\"\\\"<a>\"}", FROM("8.4.0") },
		/* CmndTimer(): the hour to 23, with a sign plus 12; the minute to 59. */
		{ "Timer1 {\"Time\":\"24:60\"}", "{\"Timer1\":{\"Time\":\"23:59\"}}", NULL, NULL },
		{ "Timer1 {\"Time\":\"22:00\"}", "{\"Timer1\":{\"Time\":\"<22:00>\"}}", NULL, NULL },
		{ "Timer1 {\"Time\":\"7\"}", "{\"Timer1\":{\"Time\":\"<07:00>\"}}", NULL, NULL },
		{ "Timer1 {\"Days\":\"SM-W0FS\"}", "{\"Timer1\":{\"Days\":\"<1101011>\"}}", NULL, NULL },
		{ "Timer1 {\"Days\":\"1\"}", "{\"Timer1\":{\"Days\":\"<1000000>\"}}", NULL, NULL },
		/* WebHexCode(): three digits are six. */
		{ "WebColor1 #1a3", "{\"WebColor\":[\"#<11aa33>\"]}", NULL, NULL },
		{ "WebColor1 #1a2b3c", "{\"WebColor\":[\"#<1a2b3c>\"]}", NULL, NULL },
		{ "WebColor1 1A2B3C", "{\"WebColor\":[\"#<1a2b3c>\"]}", NULL, NULL },
		/* GetSerialConfig(): 5N1 is 0, 8O2 is 23. */
		{ "SerialConfig 0", "{\"SerialConfig\":\"<5N1>\"}", NULL, NULL },
		{ "SerialConfig 4", "{\"SerialConfig\":\"<5N2>\"}", NULL, NULL },
		{ "SerialConfig 8", "{\"SerialConfig\":\"<5E1>\"}", NULL, NULL },
		{ "SerialConfig 15", "{\"SerialConfig\":\"<8E2>\"}", NULL, NULL },
		{ "SerialConfig 16", "{\"SerialConfig\":\"<5O1>\"}", NULL, NULL },
		{ "SerialConfig 23", "{\"SerialConfig\":\"<8O2>\"}", NULL, NULL },
		/* CmndInterlock(): each relay once, a group of one is dropped. */
		{ "Interlock 1,2 2,3", "{\"Interlock\":\"OFF\",\"Groups\":\"<1,2>\"}", NULL, NULL },
		{ "Interlock 1,2,3 4", "{\"Interlock\":\"OFF\",\"Groups\":\"<1,2,3>\"}", NULL, NULL },
		{ "Interlock 32,1  2,31", "{\"Interlock\":\"OFF\",\"Groups\":\"<1,32 2,31>\"}", NULL, NULL },
		{ "Interlock 1,2,0,33", "{\"Interlock\":\"OFF\",\"Groups\":\"<1,2>\"}", NULL, NULL },
		/* CmndTimezone(). */
		{ "Timezone 5:45", "{\"Timezone\":\"<+05:45>\"}", NULL, NULL },
		{ "Timezone -13", "{\"Timezone\":\"<-13:00>\"}", NULL, NULL },
		{ "Timezone 14:59", "{\"Timezone\":\"<+14:59>\"}", NULL, NULL },
	};
	/* clang-format on */

	check_table(cases, COUNT(cases), TASMOTA_TAKEN, "kept, and not found");
	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t v = 0; v < COUNT(versions); v++)
			if (is_in(&cases[i], versions[v]))
				check_changed(&cases[i], versions[v]);
}

/* CmndTopic(): strlcpy() into TOPSZ, 151 bytes with the end. */
TEST(a_topic_is_cut_where_tasmota_cuts_it)
{
	char line[200] = "Topic ", reply[200] = "{\"Topic\":\"";
	size_t at = strlen(line), in = strlen(reply);

	for (size_t given = 149; given <= 152; given++)
		for (size_t kept = 149; kept <= 152; kept++) {
			size_t wanted = given > 150 ? 150 : given;

			memset(line + at, 'a', given);
			line[at + given] = '\0';
			memset(reply + in, 'a', kept);
			strcpy(reply + in + kept, "\"}");
			assert_int_equal(
			    ask(line, "14.2.0", reply, strlen(reply)),
			    kept == wanted ? TASMOTA_TAKEN : TASMOTA_NOT_TAKEN);
		}
}

/* CmndBacklog() cuts at a ; and what is behind this one would be a command. */
TEST(a_semicolon_is_a_text_where_no_command_follows)
{
	try_values(
	    "FriendlyName", "1", "a;Topic|a;Topic |a; b|a;19 1|a;", true);
	try_values("FriendlyName", "1",
	    "a;Topic x|a; topic x|a;Restart 1|a;b;SO1 1|;Topic x", false);
	try_values("Rule", "1", "on a do b; Topic x endon", true);
}

TEST(what_begins_with_no_command_is_no_line)
{
	static const char *const lines[] = { "", " ", "cmnd/hall/Topic x",
		"http://192.168.1.9/cm?cmnd=Topic%20x", "DeviceName=Hall",
		"DeviceName: Hall", "_Topic x", "19 1", "\"DeviceName Hall\"",
		"\xd0\x9a 1",
		"AWordThatIsLongerThanAnyCommandOfAnyTasmotaIs 1" };
	struct tasmota_line line;

	for (size_t i = 0; i < COUNT(lines); i++)
		assert_false(tasmota_line_read(lines[i], &line));
}

TEST(a_doubt_says_who_has_not_the_command)
{
	static const struct {
		const char *line;
		bool has_full, doubt;
	} cases[] = {
		{ "Topic x", false, false },
		{ "DzIdx1 5", false, true },
		{ "DzIdx1 5", true, false },
		{ "MqttFingerprint1 DA", true, true },
		{ "ZbNewerThanTheTable 1", true, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tasmota_line line;
		struct error err = { 0 };

		assert_true(tasmota_line_read(cases[i].line, &line));
		assert_int_equal(
		    tasmota_line_doubt(&line, cases[i].has_full, &err),
		    cases[i].doubt);
		assert_int_equal(err.text[0] != '\0', cases[i].doubt);
	}
}

TEST(a_version_is_a_number_and_the_unknown_the_newest)
{
	assert_int_equal(tasmota_version("14.2.0"), 0x0e020000);
	assert_int_equal(tasmota_version("9.5.0.8"), 0x09050008);
	assert_int_equal(tasmota_version("8.1"), 0x08010000);
	assert_int_equal(tasmota_version(""), TASMOTA_NEWEST);
	assert_int_equal(tasmota_version("x"), TASMOTA_NEWEST);
	assert_int_equal(tasmota_version("2022.01.2"), TASMOTA_NEWEST);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
