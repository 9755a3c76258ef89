//! Where STS is: one host for each Region, and the Regions of one partition.

/// A set of Regions with accounts of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partition {
    /// Most Regions.
    Standard,
    /// Those in China.
    China,
    /// Those of the United States' government.
    Government,
}

const STANDARD: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

const CHINA: &[&str] = &["cn-north-1", "cn-northwest-1"];

const GOVERNMENT: &[&str] = &["us-gov-east-1", "us-gov-west-1"];

impl Partition {
    /// Returns the partition of a Region.
    pub fn of(region: &str) -> Self {
        if region.starts_with("cn-") {
            Self::China
        } else if region.starts_with("us-gov-") {
            Self::Government
        } else {
            Self::Standard
        }
    }

    /// Returns the host of STS in a Region of this partition. `own` is the Region of this deployment, which
    /// there is, however new it may be.
    pub fn sts_host(self, region: &str, own: &str) -> Option<String> {
        let is_letter =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_spelled = !region.is_empty() && region.bytes().all(is_letter);
        let regions = match self {
            Self::Standard => STANDARD,
            Self::China => CHINA,
            Self::Government => GOVERNMENT,
        };
        let is_known = region == own || regions.contains(&region);
        (is_spelled && is_known).then(|| format!("sts.{region}.{}", self.ending()))
    }

    /// Returns how names of this partition's hosts end.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Standard | Self::Government => "amazonaws.com",
            Self::China => "amazonaws.com.cn",
        }
    }

    /// Returns how ARNs of this partition begin.
    pub fn arn_start(self) -> &'static str {
        match self {
            Self::Standard => "arn:aws:",
            Self::China => "arn:aws-cn:",
            Self::Government => "arn:aws-us-gov:",
        }
    }
}
