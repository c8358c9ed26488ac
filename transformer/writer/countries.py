"""Countries by ISO 3166-1, and the names that senders write instead of its codes.

The codes are those of the standard; the English names beside them are of the public-domain table
``iso3166.tab`` of the time zone database (2025-07-01), which writes what people write.
"""

import unicodedata

_TABLE = """
AD AND Andorra
AE ARE United Arab Emirates
AF AFG Afghanistan
AG ATG Antigua & Barbuda
AI AIA Anguilla
AL ALB Albania
AM ARM Armenia
AO AGO Angola
AQ ATA Antarctica
AR ARG Argentina
AS ASM Samoa (American)
AT AUT Austria
AU AUS Australia
AW ABW Aruba
AX ALA Åland Islands
AZ AZE Azerbaijan
BA BIH Bosnia & Herzegovina
BB BRB Barbados
BD BGD Bangladesh
BE BEL Belgium
BF BFA Burkina Faso
BG BGR Bulgaria
BH BHR Bahrain
BI BDI Burundi
BJ BEN Benin
BL BLM St Barthelemy
BM BMU Bermuda
BN BRN Brunei
BO BOL Bolivia
BQ BES Caribbean NL
BR BRA Brazil
BS BHS Bahamas
BT BTN Bhutan
BV BVT Bouvet Island
BW BWA Botswana
BY BLR Belarus
BZ BLZ Belize
CA CAN Canada
CC CCK Cocos (Keeling) Islands
CD COD Congo (Dem. Rep.)
CF CAF Central African Rep.
CG COG Congo (Rep.)
CH CHE Switzerland
CI CIV Côte d'Ivoire
CK COK Cook Islands
CL CHL Chile
CM CMR Cameroon
CN CHN China
CO COL Colombia
CR CRI Costa Rica
CU CUB Cuba
CV CPV Cape Verde
CW CUW Curaçao
CX CXR Christmas Island
CY CYP Cyprus
CZ CZE Czech Republic
DE DEU Germany
DJ DJI Djibouti
DK DNK Denmark
DM DMA Dominica
DO DOM Dominican Republic
DZ DZA Algeria
EC ECU Ecuador
EE EST Estonia
EG EGY Egypt
EH ESH Western Sahara
ER ERI Eritrea
ES ESP Spain
ET ETH Ethiopia
FI FIN Finland
FJ FJI Fiji
FK FLK Falkland Islands
FM FSM Micronesia
FO FRO Faroe Islands
FR FRA France
GA GAB Gabon
GB GBR Britain (UK)
GD GRD Grenada
GE GEO Georgia
GF GUF French Guiana
GG GGY Guernsey
GH GHA Ghana
GI GIB Gibraltar
GL GRL Greenland
GM GMB Gambia
GN GIN Guinea
GP GLP Guadeloupe
GQ GNQ Equatorial Guinea
GR GRC Greece
GS SGS South Georgia & the South Sandwich Islands
GT GTM Guatemala
GU GUM Guam
GW GNB Guinea-Bissau
GY GUY Guyana
HK HKG Hong Kong
HM HMD Heard Island & McDonald Islands
HN HND Honduras
HR HRV Croatia
HT HTI Haiti
HU HUN Hungary
ID IDN Indonesia
IE IRL Ireland
IL ISR Israel
IM IMN Isle of Man
IN IND India
IO IOT British Indian Ocean Territory
IQ IRQ Iraq
IR IRN Iran
IS ISL Iceland
IT ITA Italy
JE JEY Jersey
JM JAM Jamaica
JO JOR Jordan
JP JPN Japan
KE KEN Kenya
KG KGZ Kyrgyzstan
KH KHM Cambodia
KI KIR Kiribati
KM COM Comoros
KN KNA St Kitts & Nevis
KP PRK Korea (North)
KR KOR Korea (South)
KW KWT Kuwait
KY CYM Cayman Islands
KZ KAZ Kazakhstan
LA LAO Laos
LB LBN Lebanon
LC LCA St Lucia
LI LIE Liechtenstein
LK LKA Sri Lanka
LR LBR Liberia
LS LSO Lesotho
LT LTU Lithuania
LU LUX Luxembourg
LV LVA Latvia
LY LBY Libya
MA MAR Morocco
MC MCO Monaco
MD MDA Moldova
ME MNE Montenegro
MF MAF St Martin (French)
MG MDG Madagascar
MH MHL Marshall Islands
MK MKD North Macedonia
ML MLI Mali
MM MMR Myanmar (Burma)
MN MNG Mongolia
MO MAC Macau
MP MNP Northern Mariana Islands
MQ MTQ Martinique
MR MRT Mauritania
MS MSR Montserrat
MT MLT Malta
MU MUS Mauritius
MV MDV Maldives
MW MWI Malawi
MX MEX Mexico
MY MYS Malaysia
MZ MOZ Mozambique
NA NAM Namibia
NC NCL New Caledonia
NE NER Niger
NF NFK Norfolk Island
NG NGA Nigeria
NI NIC Nicaragua
NL NLD Netherlands
NO NOR Norway
NP NPL Nepal
NR NRU Nauru
NU NIU Niue
NZ NZL New Zealand
OM OMN Oman
PA PAN Panama
PE PER Peru
PF PYF French Polynesia
PG PNG Papua New Guinea
PH PHL Philippines
PK PAK Pakistan
PL POL Poland
PM SPM St Pierre & Miquelon
PN PCN Pitcairn
PR PRI Puerto Rico
PS PSE Palestine
PT PRT Portugal
PW PLW Palau
PY PRY Paraguay
QA QAT Qatar
RE REU Réunion
RO ROU Romania
RS SRB Serbia
RU RUS Russia
RW RWA Rwanda
SA SAU Saudi Arabia
SB SLB Solomon Islands
SC SYC Seychelles
SD SDN Sudan
SE SWE Sweden
SG SGP Singapore
SH SHN St Helena
SI SVN Slovenia
SJ SJM Svalbard & Jan Mayen
SK SVK Slovakia
SL SLE Sierra Leone
SM SMR San Marino
SN SEN Senegal
SO SOM Somalia
SR SUR Suriname
SS SSD South Sudan
ST STP Sao Tome & Principe
SV SLV El Salvador
SX SXM St Maarten (Dutch)
SY SYR Syria
SZ SWZ Eswatini (Swaziland)
TC TCA Turks & Caicos Is
TD TCD Chad
TF ATF French S. Terr.
TG TGO Togo
TH THA Thailand
TJ TJK Tajikistan
TK TKL Tokelau
TL TLS East Timor
TM TKM Turkmenistan
TN TUN Tunisia
TO TON Tonga
TR TUR Turkey
TT TTO Trinidad & Tobago
TV TUV Tuvalu
TW TWN Taiwan
TZ TZA Tanzania
UA UKR Ukraine
UG UGA Uganda
UM UMI US minor outlying islands
US USA United States
UY URY Uruguay
UZ UZB Uzbekistan
VA VAT Vatican City
VC VCT St Vincent
VE VEN Venezuela
VG VGB Virgin Islands (UK)
VI VIR Virgin Islands (US)
VN VNM Vietnam
VU VUT Vanuatu
WF WLF Wallis & Futuna
WS WSM Samoa (western)
YE YEM Yemen
YT MYT Mayotte
ZA ZAF South Africa
ZM ZMB Zambia
ZW ZWE Zimbabwe
"""

_OTHER_NAMES = """
AE UAE
AS American Samoa
BN Brunei Darussalam
CD DR Congo
CD Democratic Republic of the Congo
CG Congo
CG Republic of the Congo
CI Ivory Coast
CV Cabo Verde
CZ Czechia
FM Federated States of Micronesia
GB Britain
GB England
GB Great Britain
GB Northern Ireland
GB Scotland
GB UK
GB United Kingdom
GB United Kingdom of Great Britain and Northern Ireland
GB Wales
IR Islamic Republic of Iran
KN Saint Kitts and Nevis
KP Democratic People's Republic of Korea
KP North Korea
KR Korea
KR Republic of Korea
KR South Korea
LA Lao People's Democratic Republic
LC Saint Lucia
MD Republic of Moldova
MM Burma
MM Myanmar
MO Macao
NL Holland
NL The Netherlands
PM Saint Pierre and Miquelon
PS State of Palestine
RU Russian Federation
SH Saint Helena
SK Slovak Republic
SY Syrian Arab Republic
SZ Eswatini
SZ Swaziland
TL Timor-Leste
TR Türkiye
TZ United Republic of Tanzania
US America
US U.S.A.
US United States of America
VA Holy See
VA Vatican
VC Saint Vincent and the Grenadines
VG British Virgin Islands
VI US Virgin Islands
VN Viet Nam
WS Samoa
"""

_WITHIN_WORDS = ".'\N{RIGHT SINGLE QUOTATION MARK}"


def country_code(text: str) -> str | None:
    """Give the alpha-2 code of a country from its alpha-2 or alpha-3 code or its English name.

    Case, accents, punctuation and *the* make no difference. None where no country is known by that.
    """
    return _CODES.get(_folded(text))


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("&", " and "))
    kept = (
        letter if letter.isalnum() else " "
        for letter in decomposed
        if letter not in _WITHIN_WORDS and not unicodedata.combining(letter)
    )
    return " ".join(word for word in "".join(kept).split() if word != "the")


def _read_codes() -> dict[str, str]:
    codes = {}
    for line in _TABLE.strip().splitlines():
        alpha_2, alpha_3, name = line.split(" ", 2)
        codes.update(dict.fromkeys((_folded(alpha_2), _folded(alpha_3), _folded(name)), alpha_2))
    for line in _OTHER_NAMES.strip().splitlines():
        alpha_2, name = line.split(" ", 1)
        codes[_folded(name)] = alpha_2
    return codes


_CODES = _read_codes()
