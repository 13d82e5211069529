#include "snap/time.h"

#include <stdio.h>

enum { MS_A_DAY = 86400000 };

/* Days since 1970-01-01 in the proleptic Gregorian calendar. The year is taken to begin in March, so that the
 * leap day is its last and every month's offset is (153 m + 2) / 5. */
static int64_t days_of_date(int64_t year, int64_t month, int64_t day) {
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void date_of_days(int64_t days, int64_t *year, int64_t *month, int64_t *day) {
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t of_era = days - era * 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
    int64_t m = (5 * of_year + 2) / 153;
    *day = of_year - (153 * m + 2) / 5 + 1;
    *month = m < 10 ? m + 3 : m - 9;
    *year = y + era * 400 + (*month <= 2);
}

bool hs_snap_time_print(int64_t ms, char ret[32]) {
    ret[0] = 0;
    int64_t days = ms / MS_A_DAY, rest = ms % MS_A_DAY;
    if (rest < 0) {
        rest += MS_A_DAY;
        days--;
    }
    if (days < days_of_date(1, 1, 1) || days > days_of_date(9999, 12, 31)) return false;
    int64_t year, month, day;
    date_of_days(days, &year, &month, &day);
    int size = snprintf(ret, 32, "%04d-%02d-%02dT%02d:%02d:%02d", (int)year, (int)month, (int)day,
                        (int)(rest / 3600000), (int)(rest / 60000 % 60), (int)(rest / 1000 % 60));
    if (rest % 1000) snprintf(ret + size, 32 - (size_t)size, ".%03dZ", (int)(rest % 1000));
    else snprintf(ret + size, 32 - (size_t)size, "Z");
    return true;
}

/* Reads exactly `digits` digits followed by `end` (0: nothing is asked of what follows). */
static bool read_number(const char **text, unsigned digits, char end, int64_t *ret) {
    int64_t value = 0;
    const char *p = *text;
    for (unsigned i = 0; i < digits; i++, p++) {
        if (*p < '0' || *p > '9') return false;
        value = value * 10 + (*p - '0');
    }
    if (end && *p++ != end) return false;
    *text = p;
    *ret = value;
    return true;
}

bool hs_snap_time_parse(const char *text, int64_t *ret) {
    int64_t year, month, day, hour, minute, second, ms = 0;
    if (!read_number(&text, 4, '-', &year) || !read_number(&text, 2, '-', &month) ||
        !read_number(&text, 2, 'T', &day) || !read_number(&text, 2, ':', &hour) ||
        !read_number(&text, 2, ':', &minute) || !read_number(&text, 2, 0, &second))
        return false;
    static const int lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 || year % 400 == 0);
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > lengths[month - 1] ||
        (month == 2 && day == 29 && !leap) || hour > 23 || minute > 59 || second > 60)
        return false;
    if (*text == '.') {
        text++;
        if (*text < '0' || *text > '9') return false;
        for (int64_t unit = 100; *text >= '0' && *text <= '9'; text++, unit /= 10) ms += unit * (*text - '0');
    }
    int64_t offset = 0;
    if (*text == '+' || *text == '-') {
        int64_t sign = *text++ == '+' ? 1 : -1, offset_hours, offset_minutes;
        if (!read_number(&text, 2, ':', &offset_hours) || !read_number(&text, 2, 0, &offset_minutes) ||
            offset_hours > 23 || offset_minutes > 59)
            return false;
        offset = sign * (offset_hours * 60 + offset_minutes);
    } else if (*text++ != 'Z') {
        return false;
    }
    if (*text) return false;
    *ret =
        (days_of_date(year, month, day) * 86400 + hour * 3600 + (minute - offset) * 60 + second) * 1000 + ms;
    return true;
}
